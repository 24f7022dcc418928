import { createLogger, isAppError } from "@ballast/core";
import { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { bodyOf } from "./bounded-text.ts";
import type { ApiContext, AppRouter } from "./index.ts";

/** Calls that one request may carry; a page asks a few dozen things. */
const MOST_CALLS = 100;

const log = createLogger("api");

/** Answers tRPC calls under `endpoint`. A body that is too large is refused before it is read whole, in tRPC's own words (413). */
export async function handleTrpc(
  request: Request,
  endpoint: string,
  router: AppRouter,
  context: () => Promise<ApiContext>,
): Promise<Response> {
  const { url, method, headers, signal } = request;
  const asked = await readCall(request, context).catch((error: unknown) => ({ error }));
  const body = "text" in asked && method === "POST" ? { body: asked.text } : {};
  return fetchRequestHandler({
    ...{ endpoint, router, maxBatchSize: MOST_CALLS },
    req: new Request(url, { method, headers, signal, ...body }),
    createContext: () => {
      if (!("error" in asked)) return asked.ctx;
      const { error } = asked;
      if (!isAppError(error) || error.code !== "payload_too_large") throw error;
      throw new TRPCError({ code: "PAYLOAD_TOO_LARGE", message: error.publicMessage, cause: error });
    },
    // What a procedure throws was logged with it; this is a stream that broke after it had begun.
    onError: ({ error, path }) => {
      if (error.code === "INTERNAL_SERVER_ERROR" && !isAppError(error.cause)) log.error("call failed", { path, error });
    },
  });
}

async function readCall(request: Request, context: () => Promise<ApiContext>) {
  const ctx = await context();
  return { ctx, text: request.method === "POST" ? await bodyOf(request, ctx.identity) : "" };
}
