import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { projectOverview } from "./project-overview.ts";

/** The project's home: one reading across all domains. */
export const overviewRouter = router({
  get: projectProcedure("project.read")
    .input(z.object({ days: z.int().min(1).max(200).default(30) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => projectOverview(tx, ctx.scope, input.days))),
});
