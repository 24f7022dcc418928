import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { featureViewSchema } from "./definition.ts";
import { defineFeatureView, getFeatureView, listFeatureViews } from "./feature-views.ts";
import { listViewUses } from "./view-uses.ts";

export const featureRouter = router({
  /** The newest version of every view, by name. */
  list: projectProcedure("project.read")
    .input(z.object({ search: z.string().max(100).optional() }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listFeatureViews(tx, ctx.scope, input.search))),
  /** Every version of a view, newest first. */
  get: projectProcedure("project.read")
    .input(z.object({ name: z.string().min(1) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getFeatureView(tx, ctx.scope, input.name))),
  /** Model versions that read a view, newest first. */
  uses: projectProcedure("project.read")
    .input(
      z.object({
        name: z.string().min(1),
        before: z.string().max(100).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(({ ctx, input }) => ctx.inTenant((tx) => listViewUses(tx, ctx.scope, input))),
  define: projectProcedure("feature.write")
    .input(z.object({ definition: featureViewSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => defineFeatureView(tx, ctx.scope, input.definition))),
});
