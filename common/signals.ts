/** The signals by which people and systems end a program: Ctrl-C, `kill`, a terminal that is closed. */
export const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
