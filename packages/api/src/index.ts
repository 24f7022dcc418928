import { accountRouter, auditRouter, tokenRouter } from "@ballast/governance/router";
import { createCallerFactory, router } from "@ballast/governance/trpc";
import { loopRouter } from "./loop-router.ts";

/** Every procedure there is, by domain. */
export const appRouter = router({ account: accountRouter, token: tokenRouter, audit: auditRouter, loop: loopRouter });
export type AppRouter = typeof appRouter;
export const createCaller = createCallerFactory(appRouter);
export type { ApiContext, Identity } from "@ballast/governance/trpc";
