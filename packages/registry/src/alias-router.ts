import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { aliasHistory } from "./aliases.ts";
import { listApprovalRules, removeApprovalRule, setApprovalRule } from "./approval-rules.ts";
import { cancelApproval, decideApproval, requestApproval, withdrawApproval } from "./approvals.ts";
import { aliasSchema, idSchema } from "./index.ts";
import { listApprovals } from "./list-approvals.ts";
import { findModel } from "./records.ts";
import { deleteAlias, setAlias } from "./set-alias.ts";

const id = idSchema;
const reason = z.string().max(2_000);
const APPROVAL_STATES = ["pending", "approved", "rejected", "cancelled"] as const;
/** `alias_moves.id` is a bigserial; beyond this a JavaScript number is no integer any more. */
const MOST_MOVES = Number.MAX_SAFE_INTEGER;

/** Aliases, their history, the rules that guard them, and who approved what. */
export function createAliasRouter() {
  return router({
    setAlias: projectProcedure("model.write")
      .input(z.object({ modelId: id, alias: aliasSchema, versionId: id, reason: reason.optional() }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) =>
          setAlias(tx, ctx.scope, {
            version: { id: input.versionId },
            modelId: input.modelId,
            alias: input.alias,
            reason: input.reason,
          }),
        ),
      ),
    dropAlias: projectProcedure("model.write")
      .input(z.object({ modelId: id, alias: aliasSchema }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          await deleteAlias(tx, ctx.scope, { name: model.name, alias: input.alias });
        }),
      ),
    aliasHistory: projectProcedure("project.read")
      .input(
        z.object({
          ...{ modelId: id, alias: aliasSchema.optional() },
          before: z.int().positive().max(MOST_MOVES).optional(),
          limit: z.int().min(1).max(200).default(50),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => aliasHistory(tx, ctx.scope, input))),
    approvalRules: projectProcedure("project.read")
      .input(z.object({ modelId: id }))
      .query(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          return listApprovalRules(tx, ctx.scope, model.id);
        }),
      ),
    setApprovalRule: projectProcedure("governance.write")
      .input(z.object({ modelId: id, alias: aliasSchema, approvals: z.int().min(1).max(10) }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => setApprovalRule(tx, ctx.scope, input))),
    removeApprovalRule: projectProcedure("governance.write")
      .input(z.object({ modelId: id, alias: aliasSchema }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => removeApprovalRule(tx, ctx.scope, input))),
    approvals: projectProcedure("project.read")
      .input(
        z.object({
          ...{ modelId: id.optional(), state: z.enum(APPROVAL_STATES).optional(), before: id.optional() },
          limit: z.int().min(1).max(200).default(50),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => listApprovals(tx, ctx.scope, input))),
    requestApproval: projectProcedure("model.write")
      .input(z.object({ versionId: id, alias: aliasSchema, reason: reason.optional() }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => requestApproval(tx, ctx.scope, input))),
    cancelApproval: projectProcedure("model.write")
      .input(z.object({ approvalId: id }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => cancelApproval(tx, ctx.scope, input.approvalId))),
    decideApproval: projectProcedure("model.approve")
      .input(z.object({ approvalId: id, approved: z.boolean(), reason: reason.optional() }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => decideApproval(tx, ctx.scope, input))),
    withdrawApproval: projectProcedure("model.approve")
      .input(z.object({ approvalId: id, reason: reason.min(1) }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => withdrawApproval(tx, ctx.scope, input))),
  });
}
