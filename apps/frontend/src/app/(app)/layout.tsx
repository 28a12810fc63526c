import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { AppProvider } from "@/components/shell/app-provider";
import { AppShell } from "@/components/shell/app-shell";
import { serverEnv } from "@/lib/server/env";
import { readFirstPage } from "@/lib/server/first-page";
import { requireSession } from "@/lib/server/session";
import { parseOrder, TASK_ORDER_COOKIE } from "@/lib/tasks/views";
import { parseTheme, THEME_COOKIE } from "@/lib/theme";

/**
 * All of the signed-in pages: the address says which view is shown, and moving between them needs no
 * server. The pages below name the addresses that exist.
 */
export default async function AppLayout({ children }: { children: ReactNode }) {
  const { user } = await requireSession();
  const kept = await cookies();
  const theme = parseTheme(kept.get(THEME_COOKIE)?.value);
  const taskOrder = parseOrder(kept.get(TASK_ORDER_COOKIE)?.value);
  const { chatkitDomainKey: domainKey, chatkitScriptUrl: scriptUrl } = serverEnv();
  return (
    <AppProvider userId={user.id} first={await readFirstPage(user.id, taskOrder)}>
      <AppShell
        user={{ name: user.name, email: user.email }}
        theme={theme}
        hosted={domainKey ? { domainKey, scriptUrl } : null}
      />
      {children}
    </AppProvider>
  );
}
