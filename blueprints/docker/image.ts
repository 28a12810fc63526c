/** An image as it was built. */
export interface Image {
  /** How findings call it, such as "todo-backend:0.1.0-5f2d8c1a9b3e". */
  name: string;
  /** Megabytes, of a million bytes, that it may have at most. */
  budget: number;
  /** Bytes. */
  size: number;
  /** As docker inspect tells it: "1000:1000", or "". */
  user: string;
  /** Variables, as "NAME=value". */
  env: string[];
  labels: Record<string, string>;
  /** Ports, such as "7860/tcp". */
  ports: string[];
  /** Command of the health check; empty where it has none. */
  healthcheck: string[];
  /** Paths of its files, without a leading slash; undefined where nobody has looked. */
  files?: string[];
}

/** Megabytes that an image may have where nothing smaller is asked of it (SC-001). */
export const DEFAULT_BUDGET = 500;

/** Budget of an image by the name of its repository: SC-001 gives the front end less. */
export function budgetOf(name: string): number {
  return /frontend/.test(name) ? 300 : DEFAULT_BUDGET;
}
