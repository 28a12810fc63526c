/**
 * Minutes after which a part is ended, whatever it waits for: about three times what it takes on two
 * cores, with nothing cached where that is its work.
 */
export const LIMIT_MINUTES: Readonly<Record<string, number>> = {
  // Compiles every tool where there are package registries only.
  tools: 60,
  lint: 5,
  unit: 8,
  chart: 6,
  backend: 25,
  frontend: 12,
  up: 15,
  "cluster made": 40,
  neighbours: 3,
  e2e: 20,
  cluster: 25,
  stack: 30,
  images: 8,
  disruptive: 30,
  apart: 15,
  quiet: 28,
  leaks: 8,
  destroy: 5,
};

/** For a part that is not in the list. */
export const OTHER_MINUTES = 10;

/** Minutes after which the whole run ends; what is left to do then takes less than two. */
export const RUN_MINUTES = 84;
