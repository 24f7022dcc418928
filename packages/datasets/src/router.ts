import { requireOwnArtifact } from "@ballast/artifacts/server";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { createDatasetVersion, getDataset, getDatasetVersion, listDatasets } from "./dataset-versions.ts";
import { newDatasetVersionSchema } from "./index.ts";

export const datasetRouter = router({
  /** Newest first; `next` is the cursor of the following page. */
  list: projectProcedure("project.read")
    .input(
      z.object({
        before: z.string().optional(),
        limit: z.int().min(1).max(200).default(50),
        search: z.string().max(100).optional(),
      }),
    )
    .query(async ({ ctx, input }) => {
      const rows = await ctx.inTenant((tx) => listDatasets(tx, ctx.scope, { ...input, limit: input.limit + 1 }));
      const datasets = rows.slice(0, input.limit);
      return { datasets, next: rows.length > input.limit ? (datasets.at(-1)?.id ?? null) : null };
    }),
  /** By id or name, with every version's contract and report. */
  get: projectProcedure("project.read")
    .input(z.object({ dataset: z.string().min(1) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getDataset(tx, ctx.scope, input.dataset))),
  version: projectProcedure("project.read")
    .input(z.object({ id: z.string().min(1) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getDatasetVersion(tx, ctx.scope, input.id))),
  /** From an uploaded file; validation follows. */
  createVersion: projectProcedure("dataset.write")
    .input(z.object({ version: newDatasetVersionSchema }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        // To know a checksum is not to own the file: the version would show its rows.
        await requireOwnArtifact(tx, ctx.scope.teamId, input.version.sourceDigest, "version.sourceDigest");
        return createDatasetVersion(tx, ctx.scope, input.version);
      }),
    ),
});
