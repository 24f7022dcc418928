import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type AppError, createLogger, type Scope, toAppError } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { type ArtifactDeps, getArtifact } from "@ballast/experiments/files";

const log = createLogger("gateway");

/**
 * Streams a file of a run or logged model: Content-Length, ETag (its SHA-256), one Range, If-None-Match. Bytes are verified on the
 * way; a damaged file breaks the connection before its end, so nobody takes it for whole. Always as an attachment: what people upload is
 * no page of ours.
 */
export async function sendArtifact(
  deps: ArtifactDeps,
  scope: Scope,
  file: { ownerId: string; path: string },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const entry = await withTenant(deps.db, scope.teamId, (tx) => getArtifact(tx, scope, file.ownerId, file.path));
  const etag = `"${entry.digest}"`;
  const headers: Record<string, string | number> = {
    "Content-Type": "application/octet-stream",
    "Content-Disposition": `attachment; filename*=UTF-8''${encodeRFC5987(entry.path.slice(entry.path.lastIndexOf("/") + 1))}`,
    "X-Content-Type-Options": "nosniff",
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-cache",
    ETag: etag,
  };
  if (request.headers["if-none-match"] === etag) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = rangeOf(request, etag, entry.sizeBytes);
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...headers, "Content-Range": `bytes */${entry.sizeBytes}`, "Content-Length": 0 }).end();
    return;
  }
  const opened = await deps.artifacts.open(entry.digest, range);
  const { start, end } = opened.range;
  const length = end - start + 1;
  if (range === null) response.writeHead(200, { ...headers, "Content-Length": length });
  else {
    const contentRange = `bytes ${start}-${end}/${opened.size}`;
    response.writeHead(206, { ...headers, "Content-Length": length, "Content-Range": contentRange });
  }
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  await pipeline(Readable.from(opened.stream, { objectMode: false, highWaterMark: 1024 * 1024 }), response).catch(
    (error: unknown) => report(error, entry),
  );
}

/** A reader who went away is no event; a file that is not what it was is. */
function report(thrown: unknown, entry: { path: string; digest: string }): void {
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ERR_STREAM_PREMATURE_CLOSE") return;
  const error: AppError = toAppError(thrown);
  log.error("an artifact could not be sent to its end", { path: entry.path, digest: entry.digest, error });
}

/** The one range asked for; null for the whole file, also where several are asked for or the file has changed since. */
function rangeOf(
  request: Pick<IncomingMessage, "headers">,
  etag: string,
  size: number,
): { start: number; end?: number } | null | "unsatisfiable" {
  const header = request.headers.range;
  const condition = request.headers["if-range"];
  if (header === undefined || (condition !== undefined && condition !== etag)) return null;
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(header.trim()) ?? [];
  if (first === "" && last === "") return null;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  if (start >= size) return "unsatisfiable";
  if (last === "") return { start };
  const end = Number(last);
  return end < start ? null : { start, end };
}

function encodeRFC5987(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}
