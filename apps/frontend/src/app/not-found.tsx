import type { Metadata } from "next";
import { buttonStyle } from "@/components/ui/button";
import { LogoMark } from "@/components/ui/logo";
import { HOME_PATH } from "@/lib/redirects";

export const metadata: Metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center px-4 text-center">
      <div>
        <LogoMark className="mx-auto size-12" />
        <h1 className="mt-4 text-xl font-semibold tracking-tight">There is nothing here</h1>
        <p className="mt-1.5 text-ink-muted">The address may be mistyped, or the page is gone.</p>
        <a href={HOME_PATH} className={`${buttonStyle()} mt-5`}>
          Back to the chat
        </a>
      </div>
    </main>
  );
}
