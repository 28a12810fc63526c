"use strict";

// Launchers of dynamic providers that older versions installed, and states that they wrote, name this path.
require("./runtime/startup.cjs");
