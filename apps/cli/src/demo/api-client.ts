import type { AppRouter } from "@ballast/api";
import { createTRPCClient, httpLink, TRPCClientError } from "@trpc/client";
import superjson from "superjson";

export type Api = ReturnType<typeof createApi>;

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;
const GIVE_UP_MS = 120_000;

/** A script's client of the tRPC API, with a token. */
export function createApi(webUrl: string, token: string) {
  return createTRPCClient<AppRouter>({
    links: [
      httpLink({ url: `${webUrl}/api/trpc`, transformer: superjson, headers: { authorization: `Bearer ${token}` } }),
    ],
  });
}

/** True for an error that says nothing about the request: nobody listened, or the database was away. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return false;
  const status = (error.data as { httpStatus?: number } | undefined)?.httpStatus;
  return status === undefined || status >= 500;
}

/**
 * Runs `work` until it succeeds or fails for a reason of its own. Every procedure the demo calls this way may be repeated:
 * it asks, names what it makes, or is called by one who looks first, so that a second time finds the first.
 */
export async function untilAnswered<T>(work: () => Promise<T>): Promise<T> {
  const startedAt = Date.now();
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || Date.now() - startedAt > GIVE_UP_MS) throw error;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
