import type { Scope } from "@ballast/core";
import { AppError } from "@ballast/core";
import {
  abortUpload,
  appendUpload,
  completeUpload,
  createUpload,
  getUpload,
  uploadOffset,
} from "@ballast/experiments/files";
import { z } from "zod";
import type { Call } from "../http/call.ts";
import { scopeOf } from "../http/caller-scope.ts";
import type { FileDeps } from "./mlflow-files.ts";
import { discard, incoming } from "./receive.ts";

const created = z.strictObject({
  /** Id of the run or logged model. */
  owner: z.string().min(1).max(100),
  path: z.string().min(1).max(1_000),
  /** Bytes, where the sender knows. */
  size: z.int().min(0).optional(),
});
const completed = z.strictObject({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits")
    .optional(),
});

/** `POST /v1/uploads {owner, path, size?}` begins a resumable upload: `{id, offset: 0, expires_at}`. */
export async function newUpload(call: Call, deps: FileDeps): Promise<void> {
  const { owner, path, size } = parsed(call, created);
  if (size !== undefined && size > deps.maxUploadBytes) {
    const maxBytes = deps.maxUploadBytes;
    throw new AppError("payload_too_large", `size: at most ${maxBytes} bytes.`, {
      details: { field: "size", maxBytes },
    });
  }
  const input = { ownerId: owner, path, kind: "resumable" as const, sizeBytes: size ?? null };
  const made = await createUpload(deps, scopeOf(call.caller), input);
  call.answer({ id: made.id, offset: 0, expires_at: made.expiresAt.toISOString() });
}

/** `GET` or `HEAD /v1/uploads/:id`: how far it got, in `Upload-Offset`, `Upload-Length` and the body. */
export async function uploadState(call: Call, deps: FileDeps): Promise<void> {
  const upload = await getUpload(deps, scopeOf(call.caller), call.param("id"));
  const isComplete = upload.digest !== null;
  const offset = isComplete ? (upload.sizeBytes ?? 0) : await uploadOffset(deps.artifacts, upload);
  call.header("Upload-Offset", String(offset));
  if (upload.sizeBytes !== null) call.header("Upload-Length", String(upload.sizeBytes));
  call.answer({ id: upload.id, offset, size: upload.sizeBytes, complete: isComplete, sha256: upload.digest });
}

/**
 * `PUT /v1/uploads/:id` with `Upload-Offset: n` (or `Content-Range: bytes n-m/*`) appends the body. What arrives before the connection
 * breaks is kept. 409 with `details.offset` where n is not what is stored.
 */
export async function sendUpload(call: Call, deps: FileDeps): Promise<void> {
  const { request } = call;
  try {
    const offset = offsetOf(call);
    const body = await incoming(request, deps.artifacts, deps.maxUploadBytes);
    const piece = { uploadId: call.param("id"), offset, source: body.source, maxBytes: body.maxBytes };
    const result = await appendUpload(deps, scopeOf(call.caller), piece);
    call.header("Upload-Offset", String(result.offset));
    call.answer(result);
  } catch (error) {
    discard(request);
    throw error;
  }
}

/** `POST /v1/uploads/:id/complete {sha256?}` verifies, scans and enters the file: `{path, sha256, size}`. Safe to repeat. */
export async function endUpload(call: Call, deps: FileDeps): Promise<void> {
  const { sha256 } = parsed(call, completed);
  const scope: Scope = scopeOf(call.caller);
  const end = {
    uploadId: call.param("id"),
    maxBytes: deps.maxUploadBytes,
    ...(sha256 === undefined ? {} : { sha256 }),
  };
  const entry = await completeUpload(deps, scope, end);
  call.answer({ path: entry.path, sha256: entry.digest, size: entry.sizeBytes });
}

/** `DELETE /v1/uploads/:id` forgets it. */
export async function dropUpload(call: Call, deps: FileDeps): Promise<void> {
  await getUpload(deps, scopeOf(call.caller), call.param("id"));
  await abortUpload(deps, scopeOf(call.caller), call.param("id"));
  call.answer({});
}

function offsetOf({ request }: Call): number {
  const range = request.headers["content-range"];
  const header = request.headers["upload-offset"];
  const text = typeof header === "string" ? header : /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? "")?.[1];
  const offset = Number(text);
  if (text === undefined || text === "" || !Number.isSafeInteger(offset) || offset < 0) {
    throw new AppError("invalid_input", "Upload-Offset must be the number of bytes that are stored already.", {
      details: { field: "Upload-Offset" },
    });
  }
  return offset;
}

function parsed<T>(call: Call, schema: z.ZodType<T>): T {
  const result = schema.safeParse(call.body.length === 0 ? {} : call.json());
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  throw new AppError("invalid_input", `${field || "body"}: ${issue?.message}.`, {
    details: { field: field || "body" },
  });
}
