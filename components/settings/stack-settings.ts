import * as pulumi from "@pulumi/pulumi";
import { messageOf } from "../../common/errors";
import { imagePlatform, type Platform } from "../images/platform";
import { type DevMode, devMode } from "./dev-mode";
import { ConfigError, readSettings, type Settings } from "./settings";

declare module "@pulumi/pulumi/runtime/config" {
  /** Whether a key was set with --secret; the SDK has it, but leaves it out of its types. */
  export function isConfigSecret(key: string): boolean;
}

/** The settings of the stack that the program runs for. @throws pulumi.RunError with every mistake in them */
export function stackSettings(): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const raw: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) {
    if (!key.startsWith(prefix)) continue;
    const own = key.slice(prefix.length);
    raw[own] = value;
    if (pulumi.runtime.isConfigSecret(key)) secretKeys.push(own);
  }
  try {
    return readSettings(raw, pulumi.getStack(), secretKeys);
  } catch (error) {
    if (error instanceof ConfigError) throw new pulumi.RunError(error.message);
    throw error;
  }
}

/** The platform of the stack's images. @throws pulumi.RunError where the nodes can't tell it */
export function stackPlatform(settings: Settings): Platform {
  try {
    return imagePlatform(settings);
  } catch (error) {
    throw new pulumi.RunError(messageOf(error));
  }
}

/** The components that this update runs from synced sources. @throws pulumi.RunError outside of development */
export function stackDevMode({ environment }: Settings): DevMode {
  try {
    return devMode(environment);
  } catch (error) {
    throw new pulumi.RunError(messageOf(error));
  }
}
