/** Stands in for modules that are imported but never used; see next.config.ts. */
export {};
