"use strict";

/*
 * Starts the program where the language host is too old to know `nodeargs` from Pulumi.yaml: such a
 * host runs what PULUMI_LANGUAGE_NODEJS_RUN_PATH names (`npm run env` sets it), and would load
 * ts-node unless told otherwise.
 */
process.env.PULUMI_NODEJS_TYPESCRIPT = "false";
require("./startup.cjs");
require("@pulumi/pulumi/cmd/run");
