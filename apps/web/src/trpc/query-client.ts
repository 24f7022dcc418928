import { defaultShouldDehydrateQuery, QueryClient } from "@tanstack/react-query";
import superjson from "superjson";

/** One more try where one may help: never on the server, where somebody waits, and never for an answer that will stay the same. */
function mayRetry(failures: number, error: unknown): boolean {
  if (typeof window === "undefined" || failures > 0) return false;
  const status = (error as { data?: { httpStatus?: unknown } | null }).data?.httpStatus;
  return typeof status !== "number" || status >= 500;
}

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: mayRetry, refetchOnWindowFocus: true },
      dehydrate: {
        serializeData: superjson.serialize,
        shouldDehydrateQuery: (query) => defaultShouldDehydrateQuery(query) || query.state.status === "pending",
      },
      hydrate: { deserializeData: superjson.deserialize },
    },
  });
}
