/** A variable that `npm test` sets for the tests on the cluster. @throws Error where it is missing */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: npm run test:cluster puts the stack up first`);
  return value;
}
