import { randomUUID } from "node:crypto";

export interface Person {
  name: string;
  email: string;
  password: string;
}

/** Somebody who hasn't got an account yet. */
export function newPerson(name = "Ada Lovelace"): Person {
  return {
    name,
    email: `e2e-${randomUUID()}@example.com`,
    password: `pass-${randomUUID()}`,
  };
}
