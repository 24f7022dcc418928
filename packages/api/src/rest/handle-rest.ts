import { randomUUID } from "node:crypto";
import { AppError, ERROR_STATUS, isAppError } from "@ballast/core";
import { callTRPCProcedure, TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { ZodError } from "zod";
import { bodyOf } from "../bounded-text.ts";
import type { ApiContext, AppRouter } from "../index.ts";
import { type Operation, operationsOf, travelsAsText } from "./operations.ts";
import { fromPlainJson, toPlainJson } from "./plain-json.ts";

/** An error of the protocol itself, which no procedure can make. */
class ProtocolError extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Record<string, string>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/**
 * Answers a procedure as plain HTTP and JSON, as `openApiDocument` describes it.
 * @param path the procedure's, `domain.name`
 * @param context who calls; asked only once the request names a procedure
 */
export async function handleRest(
  request: Request,
  path: string,
  router: AppRouter,
  context: () => Promise<ApiContext>,
): Promise<Response> {
  let requestId: string = request.headers.get("x-request-id")?.slice(0, 64) ?? randomUUID();
  try {
    const operation = operationFor(router, request.method, path);
    const ctx = await context();
    requestId = ctx.requestId;
    const asked = request.method === "GET" ? fromQuery(operation, new URL(request.url)) : await fromBody(request, ctx);
    const input = operation.inputs.reduce<unknown>((read, schema) => fromPlainJson(schema, read), asked);
    const answer: unknown = await callTRPCProcedure({
      ...{ router, path, ctx, type: operation.type, signal: request.signal, batchIndex: 0 },
      getRawInput: async () => input,
    });
    return Response.json(toPlainJson(answer) ?? null, { headers: { "x-request-id": requestId } });
  } catch (error) {
    return errorResponse(error, requestId);
  }
}

function operationFor(router: AppRouter, method: string, path: string): Operation {
  const operation = operationsOf(router).get(path);
  if (!operation) throw new AppError("not_found", `There is no operation "${path}". GET /api/openapi.json lists them.`);
  const allowed = operation.type === "query" ? ["GET", "POST"] : ["POST"];
  if (allowed.includes(method)) return operation;
  const message = `${path} takes ${allowed.join(" or ")}, not ${method}.`;
  throw new ProtocolError(405, "method_not_allowed", message, { allow: allowed.join(", ") });
}

function fromQuery({ input }: Operation, url: URL): Record<string, unknown> {
  const read: Record<string, unknown> = {};
  for (const [name, text] of url.searchParams) {
    const schema = Object.hasOwn(input.properties, name) ? input.properties[name] : undefined;
    if (!schema) {
      throw new AppError("invalid_input", `${name} is no parameter of this operation.`, { details: { field: name } });
    }
    read[name] = travelsAsText(schema) ? text : json(text, name);
  }
  return read;
}

function json(text: string, field: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("invalid_input", `${field} must be JSON, such as {"a": 1}, ["x"], "text" or 5.`, {
      details: { field },
    });
  }
}

async function fromBody(request: Request, { identity }: ApiContext): Promise<Record<string, unknown>> {
  // A form of another site can send texts with a person's cookie, but not this type without asking first.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? ""))
    throw new ProtocolError(415, "unsupported_media_type", "Send JSON, with Content-Type: application/json.");
  const text = await bodyOf(request, identity);
  const body = text.trim() === "" ? {} : json(text, "body");
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AppError("invalid_input", "The body must be a JSON object.", { details: { field: "body" } });
  }
  return body as Record<string, unknown>;
}

function errorResponse(error: unknown, requestId: string): Response {
  const { status, code, message, details, headers } = describe(error);
  const body = { error: message, code, details: toPlainJson(details), request_id: requestId };
  return Response.json(body, { status, headers: { ...headers, "x-request-id": requestId } });
}

interface Description {
  status: number;
  code: string;
  message: string;
  details: Record<string, unknown>;
  headers: Record<string, string>;
}

function describe(error: unknown): Description {
  if (error instanceof ProtocolError)
    return { status: error.status, code: error.code, message: error.message, details: {}, headers: error.headers };
  const cause = error instanceof TRPCError ? error.cause : error;
  if (isAppError(cause)) {
    const { waitSeconds } = cause.details;
    const headers: Record<string, string> =
      typeof waitSeconds === "number" ? { "retry-after": String(waitSeconds) } : {};
    const { code, publicMessage: message, details } = cause;
    return { status: ERROR_STATUS[code], code, message, details, headers };
  }
  if (cause instanceof ZodError) {
    const issues = cause.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message }));
    const message = issues.map((issue) => (issue.field ? `${issue.field}: ${issue.message}` : issue.message)).join(" ");
    return { status: 400, code: "invalid_input", message, details: { field: issues[0]?.field, issues }, headers: {} };
  }
  const status = error instanceof TRPCError ? getHTTPStatusCodeFromError(error) : 500;
  if (status < 500) return { status, code: "invalid_input", message: String(error), details: {}, headers: {} };
  const message = "The server failed to answer. The request id finds it in the log.";
  return { status: 500, code: "internal", message, details: {}, headers: {} };
}
