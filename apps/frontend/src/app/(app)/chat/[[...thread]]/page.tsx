import type { Metadata } from "next";
import { notFound } from "next/navigation";

export const metadata: Metadata = { title: "Chat" };

/** The layout shows the chat. */
export default async function ChatPage({ params }: { params: Promise<{ thread?: string[] }> }) {
  const { thread = [] } = await params;
  if (thread.length > 1) notFound();
  return null;
}
