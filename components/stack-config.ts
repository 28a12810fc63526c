import * as pulumi from "@pulumi/pulumi";
import { ConfigError, readSettings, type Settings } from "./config";

/** The settings of the stack that the program runs for. @throws pulumi.RunError with every mistake in them */
export function stackSettings(): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const own = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, value]) => [key.slice(prefix.length), value]);
  try {
    return readSettings(Object.fromEntries(own), pulumi.getStack());
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
