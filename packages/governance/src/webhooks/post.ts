import http from "node:http";
import https from "node:https";
import { checkWebhookUrl, isAllowedHost, publicLookup } from "./address.ts";

const TIMEOUT_MS = 10_000;
/** Of an answer so much is read and kept. */
const BODY_BYTES = 4_096;

export interface Answer {
  status: number;
  /** The head of the answer's body. */
  body: string;
  retryAfter: string | null;
  ms: number;
}

/**
 * Posts a body and reads the head of the answer. Follows no redirect, keeps no connection, waits 10 s in all, and connects to public
 * addresses only, unless `allowed` names the host. Rejects with the reason when no answer came.
 */
export async function post(
  address: string,
  message: { headers: Record<string, string>; body: string },
  allowed: readonly string[],
): Promise<Answer> {
  const url = checkWebhookUrl(address, allowed);
  const started = performance.now();
  const body = Buffer.from(message.body, "utf8");
  const { request } = url.protocol === "https:" ? https : http;
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      url,
      {
        method: "POST",
        agent: false,
        headers: { ...message.headers, "content-length": body.byteLength },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(isAllowedHost(url, allowed) ? {} : { lookup: publicLookup }),
      },
      (response) => {
        const answer = (text: string): Answer => ({
          status: response.statusCode ?? 0,
          body: text,
          retryAfter: response.headers["retry-after"] ?? null,
          ms: Math.round(performance.now() - started),
        });
        readHead(response).then(
          (text) => resolve(answer(text)),
          (error: Error) => reject(wordsFor(error)),
        );
      },
    );
    sent.on("error", (error) => reject(wordsFor(error)));
    sent.end(body);
  });
}

async function readHead(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).byteLength;
    if (size >= BODY_BYTES) break;
  }
  // What is kept goes into the database, which stores no NUL.
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString("utf8").replaceAll("\u0000", "\ufffd");
}

function wordsFor(error: Error): Error {
  if (error.name === "TimeoutError" || error.name === "AbortError")
    return new Error(`no answer within ${TIMEOUT_MS / 1000} s`, { cause: error });
  return error;
}
