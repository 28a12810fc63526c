// Loaded before the server, whose framework prints lines for people: each becomes a JSON object, as all of the
// server's own log lines are, so that whoever collects them meets nothing else. What a person runs in the container
// by `node -p` isn't the server.
import { basename } from "node:path";
import { format, stripVTControlCharacters } from "node:util";

const LEVELS = { debug: "debug", log: "info", info: "info", warn: "warning", error: "error" };

const isServer = basename(process.argv[1] ?? "") === "server.js";

for (const [method, level] of isServer ? Object.entries(LEVELS) : []) {
  console[method] = (...values) => {
    const message = stripVTControlCharacters(format(...values)).trim();
    // Clients that hang up are no errors of the server's.
    if (!message || /^Error: aborted\b/.test(message)) return;
    const record = { timestamp: new Date().toISOString(), level, event: "console", message };
    process.stdout.write(`${JSON.stringify(record)}\n`);
  };
}
