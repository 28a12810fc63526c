import { openChannel } from "./channel";

/** What tabs tell each other: who is signed in now, or that nobody is. */
interface AuthMessage {
  user: string | null;
}

const CHANNEL = "todo-auth";
/** Key in `localStorage` for browsers without channels. */
const STORAGE_KEY = "todo-auth";

/** This page has signed out itself: it leaves by its own way, whatever it hears. */
let leaving = false;

/** Tells the other tabs that nobody is signed in any more. */
export function announceSignOut(): void {
  leaving = true;
  const channel = openChannel<AuthMessage>(CHANNEL, () => undefined);
  announce(channel, null);
  channel.close();
}

function announce(channel: { post(message: AuthMessage): void }, user: string | null): void {
  channel.post({ user });
  if (typeof BroadcastChannel !== "undefined") return;
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ user, at: Date.now() }));
  } catch {
    // Switched off: the server still refuses what is asked for somebody else.
  }
}

/**
 * Tells the other tabs who this page belongs to, and calls `onOther` when one of them says that
 * somebody else is signed in, or nobody. Returns how to stop.
 */
export function watchSession(userId: string, onOther: () => void): () => void {
  const hear = ({ user }: AuthMessage): void => {
    if (user !== userId && !leaving) onOther();
  };
  const channel = openChannel<AuthMessage>(CHANNEL, hear);
  const onStorage = ({ key, newValue }: StorageEvent): void => {
    if (key !== STORAGE_KEY || newValue === null) return;
    try {
      hear(JSON.parse(newValue) as AuthMessage);
    } catch {
      // Not ours.
    }
  };
  // Browsers may keep a page that was left, and show it again by Back.
  const onShow = ({ persisted }: PageTransitionEvent): void => {
    if (persisted && leaving) onOther();
  };
  window.addEventListener("storage", onStorage);
  window.addEventListener("pageshow", onShow);
  announce(channel, userId);
  return () => {
    channel.close();
    window.removeEventListener("storage", onStorage);
    window.removeEventListener("pageshow", onShow);
  };
}
