import { Pool } from "undici";

/** What the gateway said. */
export interface Answer<T> {
  status: number;
  body: T;
  /** Milliseconds from the first try to the answer, retries included. */
  ms: number;
}

class GatewayError extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "GatewayError";
    this.status = status;
  }
}

const RETRY_STATUS = new Set([429, 502, 503, 507]);
const FIRST_RETRY_MS = 20;
const LONGEST_RETRY_MS = 1_000;
/** Long enough for any process to be started again. */
const GIVE_UP_MS = 120_000;
const NO_ANSWER_MS = 30_000;

/**
 * A caller of the gateway as a service would be one: keep-alive connections, a token, and a retry with the same keys
 * when a connection breaks or the gateway is away.
 */
export class GatewayClient {
  readonly #authorization: string;
  readonly #pool: Pool;
  retries = 0;

  constructor(url: string, token: string, connections: number) {
    this.#authorization = `Bearer ${token}`;
    this.#pool = new Pool(url, { connections, headersTimeout: NO_ANSWER_MS, bodyTimeout: NO_ANSWER_MS });
  }

  async send<T>(method: "GET" | "POST" | "PUT", path: string, body: string | Uint8Array | null): Promise<Answer<T>> {
    const startedAt = performance.now();
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
      const answer = await this.#once(method, path, body).catch((error: NodeJS.ErrnoException) => error);
      const broken = answer instanceof Error;
      if (!broken && !RETRY_STATUS.has(answer.status)) {
        const parsed = answer.text === "" ? null : JSON.parse(answer.text);
        if (answer.status >= 400)
          throw new GatewayError(answer.status, `${method} ${path}: ${answer.status} ${parsed?.error ?? answer.text}`);
        return { status: answer.status, body: parsed as T, ms: performance.now() - startedAt };
      }
      if (performance.now() - startedAt > GIVE_UP_MS) {
        throw new GatewayError(
          broken ? 0 : answer.status,
          `${method} ${path}: no answer for ${GIVE_UP_MS / 1000} s; the last: ${broken ? answer.message : answer.text}`,
        );
      }
      this.retries += 1;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  async #once(method: "GET" | "POST" | "PUT", path: string, body: string | Uint8Array | null) {
    const headers: Record<string, string> = { authorization: this.#authorization };
    if (body !== null)
      headers["content-type"] = typeof body === "string" ? "application/json" : "application/octet-stream";
    const answer = await this.#pool.request({ method, path, headers, body });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}

/** Runs `work` over `items` with at most `limit` at a time, in order of start. */
export async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, lane));
}
