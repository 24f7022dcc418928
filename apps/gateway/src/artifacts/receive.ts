import type { IncomingMessage } from "node:http";
import type { ArtifactStore } from "@ballast/artifacts";
import { AppError } from "@ballast/core";

/** A body on its way to the store. */
export interface Incoming {
  source: AsyncIterable<Uint8Array>;
  maxBytes: number;
  /** What the sender announced. */
  expectedBytes?: number;
}

/**
 * The body of a request as a stream, once it may come: larger than allowed is `payload_too_large`, larger than the disk has room for
 * `storage_full`, both before the first byte where the sender announces the length. The request outlives a reader that gives up,
 * so that the sender gets to see why.
 */
export async function incoming(request: IncomingMessage, store: ArtifactStore, maxBytes: number): Promise<Incoming> {
  const announced = announcedBytes(request);
  if (announced !== null && announced > maxBytes) {
    throw new AppError("payload_too_large", `The artifact is larger than ${maxBytes} bytes.`, {
      details: { maxBytes },
    });
  }
  const free = await store.freeBytes();
  if (announced !== null && announced > free) {
    throw new AppError("storage_full", `No room for ${announced} bytes: ${free} are left on the disk for uploads.`, {
      details: { announced, free },
    });
  }
  const source: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }),
  };
  return { source, maxBytes, ...(announced === null ? {} : { expectedBytes: announced }) };
}

/** Reads and forgets what a refused sender still sends: it looks for the answer only when it is done. */
export function discard(request: IncomingMessage): void {
  if (!request.readableEnded && !request.destroyed) request.resume();
}

function announcedBytes(request: IncomingMessage): number | null {
  const header = request.headers["content-length"];
  if (header === undefined) return null;
  const bytes = Number(header);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : null;
}
