import { readTenant } from "@ballast/db";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { projectOverview } from "./project-overview.ts";

/** The project's home: one reading across all domains. */
export const overviewRouter = router({
  get: projectProcedure("project.read")
    .input(z.object({ days: z.int().min(1).max(200).default(30) }))
    .query(({ ctx, input }) =>
      readTenant(ctx.db, ctx.scope.teamId, (tx) => projectOverview(tx, ctx.scope, input.days)),
    ),
});
