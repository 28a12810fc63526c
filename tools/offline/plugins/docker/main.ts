import { dependencies } from "../../../../package.json";
import { serve } from "../serve";
import { DockerCli } from "./cli";
import { DockerProvider } from "./provider";

void serve(
  (logFor) =>
    new DockerProvider({
      version: dependencies["@pulumi/docker"],
      docker: new DockerCli(),
      logFor,
    }),
);
