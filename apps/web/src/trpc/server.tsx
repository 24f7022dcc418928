import "server-only";
import type { AppRouter } from "@ballast/api";
import { createCaller } from "@ballast/api";
import { dehydrate, HydrationBoundary } from "@tanstack/react-query";
import { createTRPCOptionsProxy, type TRPCOptionsProxy } from "@trpc/tanstack-react-query";
import { headers } from "next/headers";
import { cache, type ReactNode } from "react";
import { apiContext } from "@/server/api-context";
import { appRouter } from "@/server/app-router";
import { makeQueryClient } from "./query-client";

const context = cache(async () => apiContext(new Headers({ cookie: (await headers()).get("cookie") ?? "" })));
export const getQueryClient = cache(makeQueryClient);

/** For prefetching in server components: `getQueryClient().prefetchQuery((await api()).token.list.queryOptions(…))`. */
export const api = cache(
  async (): Promise<TRPCOptionsProxy<AppRouter>> =>
    createTRPCOptionsProxy({ ctx: context, router: await appRouter(), queryClient: getQueryClient }),
);
/** For reading in server components, without the cache. */
export const serverCaller = async () => createCaller(await appRouter())(await context());

/** Hands what was prefetched on the server to the client's cache. */
export function Hydrate({ children }: { children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(getQueryClient())}>{children}</HydrationBoundary>;
}
