/** Largest request body passed on, in bytes. */
export const MAX_BODY_BYTES = 256 * 1024;

/** A request's body, which is passed on as it arrives, and from its beginning each time. */
export class RequestBody {
  private readonly reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  private readonly pieces: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;
  private complete = false;
  private reading: Promise<void> | undefined;
  private readonly excess = new AbortController();

  constructor(source: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.reader = source.getReader();
  }

  /** Aborted once there is more than {@link MAX_BODY_BYTES}. */
  get tooLarge(): AbortSignal {
    return this.excess.signal;
  }

  stream(): ReadableStream<Uint8Array> {
    let next = 0;
    return new ReadableStream({
      pull: async (controller) => {
        while (next === this.pieces.length && !this.complete) await this.read();
        const piece = this.pieces[next++];
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
    });
  }

  /** Reads a piece, for whichever streams wait for it. */
  private read(): Promise<void> {
    this.reading ??= this.reader
      .read()
      .then(({ done, value }) => {
        if (done) this.complete = true;
        else this.keep(value);
      })
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  }

  private keep(piece: Uint8Array<ArrayBuffer>): void {
    this.size += piece.byteLength;
    if (this.size > MAX_BODY_BYTES) {
      this.excess.abort();
      this.reader.cancel().catch(() => undefined);
      throw new Error("request body too large");
    }
    this.pieces.push(piece);
  }
}
