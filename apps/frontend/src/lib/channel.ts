/** A way to tell this site's other tabs something. */
export interface Channel<Message> {
  post(message: Message): void;
  close(): void;
}

/** Opens a channel; `onMessage` hears what other tabs post. Without browser support it stays silent. */
export function openChannel<Message>(
  name: string,
  onMessage: (message: Message) => void,
): Channel<Message> {
  if (typeof BroadcastChannel === "undefined") {
    return { post: () => undefined, close: () => undefined };
  }
  const channel = new BroadcastChannel(name);
  channel.addEventListener("message", ({ data }: MessageEvent<Message>) => onMessage(data));
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
