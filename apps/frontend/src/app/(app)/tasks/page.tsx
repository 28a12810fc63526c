import type { Metadata } from "next";

export const metadata: Metadata = { title: "Tasks" };

/** The layout shows the tasks. */
export default function TasksPage(): null {
  return null;
}
