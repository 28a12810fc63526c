import type { Rule } from "../rule";
import { rule as absoluteFolders } from "./absolute-folders/rule";
import { rule as basesPinned } from "./bases-pinned/rule";
import { rule as copyNotAdd } from "./copy-not-add/rule";
import { rule as dependenciesFirst } from "./dependencies-first/rule";
import type { Dockerfile } from "./dockerfile";
import { rule as execForm } from "./exec-form/rule";
import { rule as exposedPort } from "./exposed-port/rule";
import { rule as healthcheck } from "./healthcheck/rule";
import { rule as ignoreFile } from "./ignore-file/rule";
import type { Image } from "./image";
import { rule as imageEnvironment } from "./image-environment/rule";
import { rule as imageFiles } from "./image-files/rule";
import { rule as imageHealthcheck } from "./image-healthcheck/rule";
import { rule as imageLabels } from "./image-labels/rule";
import { rule as imageSize } from "./image-size/rule";
import { rule as imageUser } from "./image-user/rule";
import { rule as labels } from "./labels/rule";
import { rule as leanPackages } from "./lean-packages/rule";
import { rule as lockedDependencies } from "./locked-dependencies/rule";
import { rule as multiStage } from "./multi-stage/rule";
import { rule as noRemoteScripts } from "./no-remote-scripts/rule";
import { rule as noSecrets } from "./no-secrets/rule";
import { rule as pythonEnvironment } from "./python-environment/rule";
import { rule as user } from "./user/rule";

/** The Docker blueprint of Dockerfiles. */
export const dockerfileRules: readonly Rule<Dockerfile>[] = [
  absoluteFolders,
  basesPinned,
  copyNotAdd,
  dependenciesFirst,
  execForm,
  exposedPort,
  healthcheck,
  ignoreFile,
  labels,
  leanPackages,
  lockedDependencies,
  multiStage,
  noRemoteScripts,
  noSecrets,
  pythonEnvironment,
  user,
];

/** The Docker blueprint of images as they were built. */
export const imageRules: readonly Rule<Image>[] = [
  imageEnvironment,
  imageFiles,
  imageHealthcheck,
  imageLabels,
  imageSize,
  imageUser,
];
