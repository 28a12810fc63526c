import { UserError } from "../../common/errors";

/** Runs a part of a provider: of its error Pulumi shows the message alone, which must have the next step too. */
export async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof UserError ? new Error(error.toString(), { cause: error }) : error;
  }
}
