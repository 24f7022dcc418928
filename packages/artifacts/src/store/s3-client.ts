import { createReadStream } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { AppError } from "@ballast/core";
import { AwsV4Signer } from "aws4fetch";

export interface S3Settings {
  bucket: string;
  /** Of all keys, without a slash at its ends; empty for none. */
  prefix: string;
  /** Of another server than Amazon's: `http://127.0.0.1:9000`. Buckets are then part of the path. */
  endpoint?: string | undefined;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

interface S3Request {
  query?: Record<string, string>;
  headers?: Record<string, string>;
  /** Text, or bytes `start` to `end` (inclusive) of a file. */
  body?: string | { file: string; start: number; end: number };
  /** Hex SHA-256 of the body: the server checks it. */
  sha256?: string;
}

const ATTEMPTS = 4;
const SILENCE_MS = 60_000;
const MOST_XML_BYTES = 16 * 1024 * 1024;

/** The part of S3's REST API that a store of files needs. Signatures (version 4) by aws4fetch, bodies streamed by node:http. */
export class S3Client {
  readonly #settings: S3Settings;
  readonly #base: string;

  constructor(settings: S3Settings) {
    this.#settings = settings;
    const { endpoint, bucket, region } = settings;
    this.#base = endpoint
      ? `${endpoint.replace(/\/+$/, "")}/${bucket}`
      : `https://${bucket}.s3.${region}.amazonaws.com`;
  }

  /** The whole key of one below the prefix, for listings. */
  keyWithPrefix(key: string): string {
    return this.#settings.prefix === "" ? key : `${this.#settings.prefix}/${key}`;
  }

  /** The answer's body as text; null for 404. @throws AppError `unavailable` where the server does not answer or refuses */
  async text(
    method: string,
    key: string,
    request: S3Request = {},
  ): Promise<{ body: string; headers: IncomingMessage["headers"] } | null> {
    const response = await this.open(method, key, request);
    if (response === null) return null;
    let body = "";
    response.setEncoding("utf8");
    for await (const chunk of response) {
      body += chunk;
      if (body.length > MOST_XML_BYTES) throw new AppError("unavailable", "S3 answered with more than 16 MiB of XML.");
    }
    // Some operations report an error in a body of status 200.
    if (body.startsWith("<") && /<Error>/.test(body.slice(0, 500))) throw refused(method, key, 200, body);
    return { body, headers: response.headers };
  }

  /** The answer, its body still to be read; null for 404. Server errors and broken connections are tried again. */
  async open(method: string, key: string, request: S3Request = {}): Promise<IncomingMessage | null> {
    for (let attempt = 1; ; attempt++) {
      const response = await this.#send(method, key, request).catch((error: unknown) => {
        if (attempt < ATTEMPTS) return null;
        const reason = error instanceof Error ? error.message : String(error);
        throw new AppError("unavailable", `S3 does not answer: ${reason}`, { cause: error });
      });
      const status = response?.statusCode ?? 0;
      if (response && status < 300) return response;
      if (response && status === 404) {
        response.resume();
        return null;
      }
      const text = response ? await firstBytes(response) : "";
      if (response && (attempt === ATTEMPTS || (status < 500 && status !== 429)))
        throw refused(method, key, status, text);
      await wait(100 * 4 ** (attempt - 1));
    }
  }

  async #send(method: string, key: string, { query, headers, body, sha256 }: S3Request): Promise<IncomingMessage> {
    const { accessKeyId, secretAccessKey, sessionToken, region } = this.#settings;
    const path = key === "" ? "" : `/${this.keyWithPrefix(key)}`;
    const url = new URL(`${this.#base}${path}`);
    // Not URLSearchParams: it writes a space as "+", which is signed as "%20".
    url.search = Object.entries(query ?? {})
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
      .join("&");
    const signed = await new AwsV4Signer({
      ...{ method, url: url.href, accessKeyId, secretAccessKey, region, service: "s3" },
      ...(sessionToken === undefined ? {} : { sessionToken }),
      headers: {
        "X-Amz-Content-Sha256": sha256 ?? (body === undefined ? EMPTY_SHA256 : "UNSIGNED-PAYLOAD"),
        ...headers,
      },
    }).sign();
    const length =
      body === undefined ? 0 : typeof body === "string" ? Buffer.byteLength(body) : body.end - body.start + 1;
    const all = {
      ...Object.fromEntries(signed.headers),
      ...(method === "GET" || method === "HEAD" ? {} : { "content-length": String(length) }),
    };
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const sent = send(signed.url, { method, headers: all, timeout: SILENCE_MS }, resolve);
      sent.once("timeout", () => sent.destroy(new Error(`silent for ${SILENCE_MS / 1_000} seconds`)));
      sent.once("error", reject);
      if (typeof body === "object") {
        const stream = createReadStream(body.file, { start: body.start, end: body.end, highWaterMark: 256 * 1024 });
        stream.once("error", (error) => sent.destroy(error));
        stream.pipe(sent);
      } else sent.end(body);
    });
  }
}

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async function firstBytes(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += chunk;
    if (text.length > 2_000) break;
  }
  return text;
}

function refused(method: string, key: string, status: number, body: string): AppError {
  const [, code] = /<Code>([^<]*)<\/Code>/.exec(body) ?? [];
  const [, message] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  return new AppError("unavailable", `S3 refused ${method} ${key}: ${status} ${code ?? ""} ${message ?? ""}`.trim(), {
    publicMessage: "The artifact store does not answer as it should. Try again; the log says more.",
  });
}
