/** The person who is signed in, as far as the pages show them. */
export interface ShellUser {
  name: string;
  email: string;
}
