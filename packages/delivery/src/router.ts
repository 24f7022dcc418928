import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { decideByHand } from "./decide-by-hand.ts";
import { createDeployment, getDeployment, listDeployments } from "./deployments.ts";
import { requestRollout } from "./request-rollout.ts";
import { getRollout, listDecisions, listRollouts } from "./rollout-queries.ts";
import { createDeploymentSchema, decideSchema, pageSchema, requestRolloutSchema } from "./schemas.ts";

const id = z.string().min(1).max(100);

/** Endpoints and who answers on them. */
export const deploymentRouter = router({
  list: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listDeployments(tx, ctx.scope))),
  get: projectProcedure("project.read")
    .input(z.object({ deployment: id }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getDeployment(tx, ctx.scope, input.deployment))),
  create: projectProcedure("deployment.write")
    .input(z.object({ deployment: createDeploymentSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createDeployment(tx, ctx.scope, input.deployment))),
});

/** Rollouts with their plans, evidence and decisions. */
export const rolloutRouter = router({
  list: projectProcedure("project.read")
    .input(pageSchema.extend({ deployment: id.optional() }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listRollouts(tx, ctx.scope, input))),
  get: projectProcedure("project.read")
    .input(z.object({ rolloutId: id }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getRollout(tx, ctx.scope, input.rolloutId))),
  decisions: projectProcedure("project.read")
    .input(pageSchema.extend({ rolloutId: id }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listDecisions(tx, ctx.scope, input))),
  request: projectProcedure("deployment.write")
    .input(z.object({ rollout: requestRolloutSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => requestRollout(tx, ctx.scope, input.rollout))),
  decide: projectProcedure("rollout.decide")
    .input(z.object({ decision: decideSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => decideByHand(tx, ctx.scope, input.decision))),
});
