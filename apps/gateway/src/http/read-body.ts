import type { IncomingMessage } from "node:http";
import { AppError } from "@ballast/core";

/** Bytes of a refused body that are still read, so that the sender gets to see the answer instead of a reset. */
const DISCARD_BYTES = 64 * 1024 * 1024;

/** Reads a body and calls `done` with it, or `refused` with `payload_too_large` if it is larger than allowed. */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Buffer) => void,
  refused: (error: AppError) => void,
): void {
  let first: Buffer | null = null;
  let more: Buffer[] | null = null;
  let size = 0;
  const tooLarge = () => {
    refused(new AppError("payload_too_large", `The body is larger than ${maxBytes} bytes.`, { details: { maxBytes } }));
  };
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) {
      first = null;
      more = null;
      if (size <= DISCARD_BYTES) return;
      tooLarge();
      request.pause();
      return;
    }
    if (first === null) first = chunk;
    else if (more === null) more = [first, chunk];
    else more.push(chunk);
  });
  request.on("end", () => {
    if (size > maxBytes) tooLarge();
    else done(more === null ? (first ?? EMPTY) : Buffer.concat(more));
  });
}

const EMPTY = Buffer.alloc(0);
