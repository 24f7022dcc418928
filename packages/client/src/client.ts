import type { AppRouter } from "@ballast/api";
import { createTRPCUntypedClient, httpLink, type TRPCUntypedClient } from "@trpc/client";
import superjson from "superjson";
import { failureOf } from "./error.ts";
import { isIdempotent, waitBeforeRetry } from "./retry.ts";
import { type ClientOptions, type Settings, settingsOf } from "./settings.ts";
import type { BallastClient, CallOptions } from "./types.ts";

const METHODS = { query: "query", mutate: "mutation" } as const;
type Method = keyof typeof METHODS;

interface Connection {
  trpc: TRPCUntypedClient<AppRouter>;
  settings: Settings;
}

/**
 * A typed client of one installation. Calls resolve to what the server answers, dates as dates.
 *
 *     const ballast = createClient();
 *     const run = await ballast.experiment.startRun.mutate({ experiment: "late flights", name: "by hand" });
 *
 * Calls reject with {@link BallastError}. What may pass is tried again: queries, and mutations that twice are once.
 * @throws TypeError if a setting is wrong
 */
export function createClient(options: ClientOptions = {}): BallastClient {
  const settings = settingsOf(options);
  const { token } = settings;
  const headers = { ...settings.headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  const link = httpLink({ url: `${settings.url}/api/trpc`, transformer: superjson, headers });
  const connection = { settings, trpc: createTRPCUntypedClient<AppRouter>({ links: [link] }) };
  return procedureAt(connection, []) as unknown as BallastClient;
}

/** `client.model.list` is the path `model.list`; calling `query` or `mutate` on it makes the call. */
function procedureAt(connection: Connection, path: readonly string[]): object {
  return new Proxy(() => {}, {
    get(_target, name) {
      // A promise would be asked for `then`: nothing here is one.
      if (typeof name !== "string" || name === "then") return undefined;
      if (path.length > 0 && Object.hasOwn(METHODS, name)) {
        return (input?: unknown, options?: CallOptions) =>
          callWithRetries(connection, { method: name as Method, path: path.join("."), input, options: options ?? {} });
      }
      return procedureAt(connection, [...path, name]);
    },
  });
}

interface Call {
  method: Method;
  path: string;
  input: unknown;
  options: CallOptions;
}

async function callWithRetries(connection: Connection, call: Call): Promise<unknown> {
  const idempotent = isIdempotent(METHODS[call.method], call.path, call.options.idempotent);
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryOnce(connection, call);
    if ("answer" in outcome) return outcome.answer;
    const { failure } = outcome;
    const wait = waitBeforeRetry(failure, { idempotent, attempt, chance: Math.random() });
    if (wait === null || attempt > connection.settings.retries) throw failure;
    await delay(wait, call.options.signal);
    if (call.options.signal?.aborted) throw failure;
  }
}

async function tryOnce({ trpc, settings }: Connection, { method, path, input, options }: Call) {
  const scoped = Object.keys(settings.scope).length === 0 ? input : { ...settings.scope, ...(input ?? {}) };
  // Node 18 has no AbortSignal.any.
  const stop = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, settings.timeoutMs);
  const onAbort = () => stop.abort();
  if (options.signal?.aborted) stop.abort();
  options.signal?.addEventListener("abort", onAbort);
  try {
    const type = METHODS[method];
    return { answer: await trpc[type](path, scoped ?? {}, { signal: stop.signal }) };
  } catch (error) {
    const aborted = options.signal?.aborted === true;
    const hasToken = settings.token !== null;
    return { failure: failureOf(error, { path, url: settings.url, hasToken, timedOut, aborted }) };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

function delay(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener("abort", done);
  });
}
