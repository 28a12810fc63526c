"use strict";

/* Pulumi starts this; the program's own start transpiles what it loads. */
require("../components/runtime/startup.cjs");
require("./pack.ts");
