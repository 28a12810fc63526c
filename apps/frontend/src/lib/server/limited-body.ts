/**
 * A body as text, or null when it has more than `limit` bytes. Of one that is too long no more is kept than
 * the limit, and the rest isn't read: the server drops it as it comes.
 */
export async function readLimited(request: Request, limit: number): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > limit) return null;
  if (!request.body) return "";
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of request.body as unknown as AsyncIterable<Uint8Array>) {
    size += piece.byteLength;
    // Leaving the loop cancels the body.
    if (size > limit) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
