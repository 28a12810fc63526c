import type { Metadata } from "next";
import { TaskPanel } from "@/components/tasks/task-panel";

export const metadata: Metadata = { title: "Tasks" };

export default function TasksPage() {
  return (
    <main className="mx-auto flex min-h-0 w-full max-w-3xl flex-1 flex-col">
      <TaskPanel heading="h1" />
    </main>
  );
}
