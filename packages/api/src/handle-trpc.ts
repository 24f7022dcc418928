import { isAppError } from "@ballast/core";
import { TRPCError } from "@trpc/server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { boundedText } from "./bounded-text.ts";
import type { ApiContext, AppRouter } from "./index.ts";

/** Answers tRPC calls under `endpoint`. A body that is too large is refused before it is read whole, in tRPC's own words (413). */
export async function handleTrpc(
  request: Request,
  endpoint: string,
  router: AppRouter,
  context: () => Promise<ApiContext>,
): Promise<Response> {
  const { url, method, headers, signal } = request;
  const read: unknown = method === "POST" ? await boundedText(request).catch((error: unknown) => error) : null;
  return fetchRequestHandler({
    ...{ endpoint, router },
    req: new Request(url, { method, headers, signal, ...(typeof read === "string" ? { body: read } : {}) }),
    createContext: () => {
      if (isAppError(read))
        throw new TRPCError({ code: "PAYLOAD_TOO_LARGE", message: read.publicMessage, cause: read });
      return context();
    },
  });
}
