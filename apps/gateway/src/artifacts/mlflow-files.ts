import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, type Scope } from "@ballast/core";
import {
  type ArtifactDeps,
  abortUpload,
  completeUpload,
  createUpload,
  MOST_PARTS,
  putArtifact,
  putUploadPart,
} from "@ballast/experiments/files";
import { refuseUnstorable } from "@ballast/governance/server";
import {
  artifactFile,
  artifactPlace,
  type MlflowDeps,
  type MlflowMatch,
  modelVersionPlace,
  refusal,
} from "@ballast/mlflow";
import { z } from "zod";
import { readBody } from "../http/read-body.ts";
import { baseUrl, PART_PATH, type PartUrls } from "./part-urls.ts";
import { discard, incoming } from "./receive.ts";
import { sendArtifact } from "./send-artifact.ts";

/** What the artifact proxy of MLflow's dialect stands on. */
export interface FileDeps extends ArtifactDeps {
  /** What a registered version's files are found with. */
  mlflow: MlflowDeps;
  parts: PartUrls;
  maxUploadBytes: number;
}

interface FileCall {
  deps: FileDeps;
  scope: Scope;
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  request: IncomingMessage;
  response: ServerResponse;
}
type FileHandler = (call: FileCall) => Promise<void>;

const MOST_JSON_BYTES = 4 * 1024 * 1024;
/** MLflow's own limit of this route; its page uploads through it. */
const MOST_PAGE_UPLOAD_BYTES = 10 * 1024 * 1024;

const upload = async (call: FileCall, file: { ownerId: string; path: string }, maxBytes: number) => {
  const { deps, scope, request } = call;
  const body = await incoming(request, deps.artifacts, maxBytes);
  const entry = await putArtifact(deps, scope, { ...file, ...body });
  answer(call.response, {}, { ETag: `"${entry.digest}"` });
};

const HANDLERS: Readonly<Record<string, FileHandler>> = {
  uploadArtifact: (call) => upload(call, artifactFile(call.params.path ?? ""), call.deps.maxUploadBytes),
  uploadRunArtifact: (call) => {
    const file = { ownerId: asked(call, "run_uuid", "run_id"), path: asked(call, "path") };
    return upload(call, file, Math.min(MOST_PAGE_UPLOAD_BYTES, call.deps.maxUploadBytes));
  },
  downloadArtifact: (call) => send(call, artifactFile(call.params.path ?? "")),
  runFile: (call) => send(call, { ownerId: asked(call, "run_id", "run_uuid"), path: asked(call, "path") }),
  loggedModelFile: (call) =>
    send(call, { ownerId: call.params.model_id ?? "", path: asked(call, "artifact_file_path") }),
  modelVersionFile: async (call) => {
    const { deps, scope, query } = call;
    const path = asked(call, "path");
    const place = await modelVersionPlace(deps.mlflow, scope, Object.fromEntries(query));
    await send(call, { ownerId: place.ownerId, path: place.path === "" ? path : `${place.path}/${path}` });
  },
  createMultipart,
  completeMultipart,
  abortMultipart,
};

/** True for a route of the dialect that is answered here. */
export function isFileRoute({ route }: MlflowMatch): boolean {
  return Object.hasOwn(HANDLERS, route.name);
}

/** Answers a file route to somebody who may use it; errors in MLflow's form. */
export function serveFiles(
  deps: FileDeps,
  scope: Scope,
  match: MlflowMatch,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const call = { deps, scope, params: match.params, query: new URLSearchParams(match.search), request, response };
  const handler = HANDLERS[match.route.name];
  const answered = async () => {
    if (!handler) throw new AppError("not_found", `There is no ${match.route.path} here.`);
    await handler(call);
  };
  answered().catch((error: unknown) => refuse(request, response, error));
}

/** True for the address of a part, which is signed and asks for no token. */
export function isPartPath(url: string): boolean {
  return url.startsWith(`${PART_PATH}/`);
}

/** Receives one part. The ETag goes back to us when the upload is completed. */
export function servePart(deps: FileDeps, request: IncomingMessage, response: ServerResponse): void {
  const receive = async () => {
    if (request.method !== "PUT") throw new AppError("invalid_input", "A part is sent with PUT.");
    const { teamId, projectId, uploadId, part } = deps.parts.read(request.url ?? "", Date.now());
    const scope: Scope = { teamId, projectId, actor: { type: "platform", id: "platform", name: "platform" } };
    const body = await incoming(request, deps.artifacts, deps.maxUploadBytes);
    const stored = await putUploadPart(deps, scope, { uploadId, part, ...body });
    answer(response, {}, { ETag: `"${stored.digest}"` });
  };
  receive().catch((error: unknown) => refuse(request, response, error));
}

async function createMultipart(call: FileCall): Promise<void> {
  const { deps, scope, request } = call;
  const { path: local, num_parts } = await json(
    request,
    z.object({ path: z.string().min(1), num_parts: z.coerce.number().int().min(1).max(MOST_PARTS) }),
  );
  const folder = artifactPlace(call.params.path ?? "");
  if (folder === null) throw new AppError("invalid_input", "Invalid path");
  // The client sends its own path of the file, of which the name counts.
  const name = local.slice(Math.max(local.lastIndexOf("/"), local.lastIndexOf("\\")) + 1);
  const path = folder.path === "" ? name : `${folder.path}/${name}`;
  const made = await createUpload(deps, scope, { ownerId: folder.ownerId, path, kind: "multipart" });
  const base = baseUrl(request);
  const { teamId, projectId } = scope;
  const now = Date.now();
  const credentials = Array.from({ length: num_parts }, (_, i) => ({
    url: deps.parts.url(base, { teamId, projectId, uploadId: made.id, part: i + 1 }, now),
    part_number: i + 1,
    headers: {},
  }));
  answer(call.response, { upload_id: made.id, credentials });
}

async function completeMultipart(call: FileCall): Promise<void> {
  const { deps, scope, request } = call;
  const body = await json(
    request,
    z.object({
      upload_id: z.string(),
      parts: z.array(z.object({ part_number: z.coerce.number().int() })).max(MOST_PARTS),
    }),
  );
  // Putting a large file together takes longer than silence is borne.
  request.setTimeout(0);
  const parts = body.parts.map((part) => part.part_number);
  await completeUpload(deps, scope, { uploadId: body.upload_id, parts, maxBytes: deps.maxUploadBytes });
  answer(call.response, {});
}

async function abortMultipart(call: FileCall): Promise<void> {
  const { upload_id } = await json(call.request, z.object({ upload_id: z.string() }));
  await abortUpload(call.deps, call.scope, upload_id);
  answer(call.response, {});
}

function send(call: FileCall, file: { ownerId: string; path: string }): Promise<void> {
  discard(call.request);
  return sendArtifact(call.deps, call.scope, file, call.request, call.response);
}

/** A parameter of the query string, by any of its names. */
function asked({ query }: FileCall, ...names: string[]): string {
  for (const name of names) {
    const value = query.get(name);
    if (value !== null && value !== "") return value;
  }
  throw new AppError("invalid_input", `Missing value for required parameter '${names[0]}'.`);
}

async function json<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const body = await new Promise<Buffer>((resolve, reject) => readBody(request, MOST_JSON_BYTES, resolve, reject));
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new AppError("invalid_input", "The body is not valid JSON.");
  }
  refuseUnstorable(value);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError(
    "invalid_input",
    `Invalid value for parameter '${issue?.path.join(".") ?? ""}': ${issue?.message}.`,
  );
}

function answer(response: ServerResponse, value: object, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const body = JSON.stringify(value);
  response.writeHead(200, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  discard(request);
  if (response.headersSent || response.destroyed) return;
  const { status, type, body, headers } = refusal(error);
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body), ...headers });
  response.end(body);
}
