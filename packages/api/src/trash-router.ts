import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { restoreExperiment, restoreLoggedModel, restoreRun } from "@ballast/experiments/server";
import { retentionSpecSchema, TRASH_KINDS, trashRefSchema } from "@ballast/governance";
import {
  createRule,
  deleteRule,
  listReports,
  listRules,
  listTrash,
  purgeMany,
  requestCleanUp,
  updateRule,
} from "@ballast/governance/server";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { restoreModelVersion, restoreRegisteredModel } from "@ballast/registry/server";
import { z } from "zod";

const id = z.string().min(1).max(300);

const tracked = z.object({ kind: z.enum(["experiment", "run", "logged_model"]), id });
const registered = z.object({ kind: z.enum(["model", "model_version"]), id });

/** Takes a thing out of the trash by the service of its own room. */
async function restoreTracked(tx: Tx, scope: Scope, item: z.infer<typeof tracked>): Promise<void> {
  if (item.kind === "experiment") await restoreExperiment(tx, scope, item.id);
  else if (item.kind === "run") await restoreRun(tx, scope, item.id);
  else await restoreLoggedModel(tx, scope, item.id);
}

/** What was deleted and can come back, how long it stays, and what cleaning up freed. */
export const trashRouter = router({
  list: projectProcedure("project.read")
    .input(
      z.object({
        kinds: z.array(z.enum(TRASH_KINDS)).min(1).optional(),
        search: z.string().max(200).optional(),
        after: z.object({ deletedAt: z.date(), id }).optional(),
        limit: z.int().min(1).max(200).default(50),
      }),
    )
    .query(({ ctx, input }) => ctx.inTenant((tx) => listTrash(tx, ctx.scope, input))),
  restore: projectProcedure("experiment.write")
    .input(z.object({ item: tracked }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => restoreTracked(tx, ctx.scope, input.item))),
  /** A model whose name was used again meanwhile comes back under another `name`. */
  restoreModel: projectProcedure("model.write")
    .input(z.object({ item: registered, name: z.string().trim().min(1).max(250).optional() }))
    .mutation(({ ctx, input: { item, name } }) =>
      ctx.inTenant(async (tx) => {
        if (item.kind === "model") await restoreRegisteredModel(tx, ctx.scope, { id: item.id, name });
        else await restoreModelVersion(tx, ctx.scope, item.id);
      }),
    ),
  purge: projectProcedure("trash.purge")
    .input(z.object({ items: z.array(trashRefSchema).min(1).max(200) }))
    .mutation(({ ctx, input }) => purgeMany(ctx.db, ctx.scope, input.items)),
  rules: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listRules(tx, ctx.scope))),
  createRule: projectProcedure("trash.purge")
    .input(z.object({ spec: retentionSpecSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createRule(tx, ctx.scope, input.spec))),
  updateRule: projectProcedure("trash.purge")
    .input(z.object({ ruleId: id, spec: retentionSpecSchema.optional(), enabled: z.boolean().optional() }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => updateRule(tx, ctx.scope, input))),
  deleteRule: projectProcedure("trash.purge")
    .input(z.object({ ruleId: id }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => deleteRule(tx, ctx.scope, input.ruleId))),
  reports: projectProcedure("project.read")
    .input(z.object({ before: id.optional(), limit: z.int().min(1).max(200).default(50) }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listReports(tx, ctx.scope, input))),
  /** Applies the rules now; the worker does it, the report says how it went. */
  cleanUp: projectProcedure("trash.purge").mutation(({ ctx }) =>
    ctx.inTenant(async (tx) => ({ reportId: await requestCleanUp(tx, ctx.scope, { cause: "manual" }) })),
  ),
});
