import { z } from "zod";
import { projectProcedure, router } from "../trpc.ts";
import { exportLineage } from "./export.ts";

/** OpenLineage events of runs and training jobs, for catalogues and lineage services. */
export const openLineageRouter = router({
  export: projectProcedure("project.read")
    .input(
      z.object({
        /** Runs and jobs that started in [from, to). */
        from: z.date().optional(),
        to: z.date().optional(),
        after: z.string().max(320).optional(),
        limit: z.int().min(1).max(1_000).default(200),
      }),
    )
    .query(({ ctx, input }) => ctx.inTenant((tx) => exportLineage(tx, ctx.scope, input))),
});
