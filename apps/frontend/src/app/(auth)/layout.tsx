import type { ReactNode } from "react";
import { LogoMark } from "@/components/ui/logo";

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center bg-radial-[at_50%_0%] from-accent-soft to-canvas to-65% px-4 py-10">
      <div className="w-full max-w-sm">
        <div className="mb-7 flex flex-col items-center gap-3 text-center">
          <LogoMark className="size-12" />
          <p className="text-lg font-semibold tracking-tight">Todo AI Chatbot</p>
        </div>
        <div className="rounded-2xl border border-line bg-surface p-6 shadow-card sm:p-7">
          {children}
        </div>
        <p className="mt-6 text-center text-sm text-ink-muted">
          Keep your to-do list by talking to it.
        </p>
      </div>
    </main>
  );
}
