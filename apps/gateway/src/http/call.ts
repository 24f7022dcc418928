import type { IncomingMessage, ServerResponse } from "node:http";
import { AppError, createLogger, notFound, toAppError } from "@ballast/core";
import type { Caller } from "../token-cache.ts";

const log = createLogger("gateway");

const JSON_TYPE = "application/json";

/** One request on its way to one answer. */
export class Call {
  readonly request: IncomingMessage;
  readonly params: Readonly<Record<string, string>>;
  readonly search: string;
  body: Buffer = EMPTY;
  readonly #response: ServerResponse;
  #caller: Caller | null = null;
  /** Set while the gateway stops: connections are not kept. */
  readonly #closing: () => boolean;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    params: Readonly<Record<string, string>>,
    search: string,
    closing: () => boolean,
  ) {
    this.request = request;
    this.#response = response;
    this.params = params;
    this.search = search;
    this.#closing = closing;
  }

  /** Who calls; every route but the public ones has one. */
  get caller(): Caller {
    if (this.#caller === null) throw new AppError("unauthenticated", "This route needs a token.");
    return this.#caller;
  }

  set caller(caller: Caller) {
    this.#caller = caller;
  }

  param(name: string): string {
    const value = this.params[name];
    if (value === undefined) throw notFound("Route", this.request.url ?? "");
    return value;
  }

  /** The body as JSON. `invalid_input` where it is none. */
  json(): unknown {
    try {
      return JSON.parse(this.body.toString("utf8"));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = otherForm(this.request) ?? `The body is not valid JSON: ${reason.slice(0, 200)}`;
      throw new AppError("invalid_input", message, {
        details: { field: "body" },
      });
    }
  }

  /** A header of the answer to come. */
  header(name: string, value: string): void {
    if (!this.#response.headersSent) this.#response.setHeader(name, value);
  }

  answered(json: string): void {
    this.#send(200, JSON_TYPE, json);
  }

  answer(value: unknown, status = 200): void {
    this.#send(status, JSON_TYPE, JSON.stringify(value));
  }

  text(text: string, type: string): void {
    this.#send(200, type, text);
  }

  /** Answers `{error, code, details}` with the status of the error's code. Nothing internal leaves the house. */
  failed(thrown: unknown): void {
    const error = toAppError(thrown);
    // Only what nobody expects: a full disk or late answers would write a line for every request.
    if (error.code === "internal") {
      log.error(error.message, { url: this.request.url, code: error.code, error });
    }
    const body = JSON.stringify({ error: error.publicMessage, code: error.code, details: error.details });
    this.#send(error.status, JSON_TYPE, body, error);
  }

  #send(status: number, type: string, body: string, error?: AppError): void {
    const response = this.#response;
    if (response.headersSent || response.destroyed) return;
    const headers: Record<string, string | number> = {
      "Content-Type": type,
      "Content-Length": Buffer.byteLength(body),
    };
    if (error?.code === "too_many_requests") headers["Retry-After"] = 1;
    if (error?.code === "unauthenticated") headers["WWW-Authenticate"] = "Bearer";
    if (error?.code === "payload_too_large" || this.#closing()) headers.Connection = "close";
    response.writeHead(status, headers);
    response.end(body);
  }
}

/** For a body that is no JSON because it was not meant to be: what the sender should change. Null where nothing says so. */
function otherForm({ headers }: IncomingMessage): string | null {
  const encoding = headers["content-encoding"];
  if (encoding !== undefined) return `A body with Content-Encoding ${encoding} is not supported: send it as it is.`;
  if (headers["inference-header-content-length"] === undefined) return null;
  return "Binary tensors are not supported: send the data of every input as JSON (tritonclient: binary_data=False).";
}

const EMPTY = Buffer.alloc(0);
