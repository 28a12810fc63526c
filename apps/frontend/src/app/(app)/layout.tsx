import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { AppProvider } from "@/components/shell/app-provider";
import { AppShell } from "@/components/shell/app-shell";
import { requireSession } from "@/lib/server/session";
import { parseTheme, THEME_COOKIE } from "@/lib/theme";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const { user } = await requireSession();
  const theme = parseTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <AppProvider userId={user.id}>
      <AppShell user={{ name: user.name, email: user.email }} theme={theme}>
        {children}
      </AppShell>
    </AppProvider>
  );
}
