import { z } from "zod";
import { projectProcedure, router } from "../trpc.ts";
import { copyExperiment, copyRuns } from "./copy-runs.ts";
import { moveExperiment, moveRuns } from "./move-runs.ts";
import { copyModel, moveModel } from "./transfer-model.ts";

const id = z.string().min(1).max(300);
const to = z.string().min(1).max(60).describe("Slug of a project of the same team.");
const name = z.string().trim().min(1).max(250);
const runs = z.object({
  runIds: z.array(id).min(1, "Name at least one run.").max(1_000, "At most 1,000 runs at a time: send them in parts."),
  to,
  experiment: name,
});

/** Moving and copying between the projects of a team. */
export const transferRouter = router({
  moveRuns: projectProcedure("experiment.write")
    .input(runs)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => moveRuns(tx, ctx.scope, input))),
  copyRuns: projectProcedure("experiment.write")
    .input(runs)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => copyRuns(tx, ctx.scope, input))),
  moveExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId: id, to }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => moveExperiment(tx, ctx.scope, input))),
  copyExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId: id, to, name: name.optional() }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => copyExperiment(tx, ctx.scope, input))),
  moveModel: projectProcedure("model.write")
    .input(z.object({ modelId: id, to }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => moveModel(tx, ctx.scope, input))),
  copyModel: projectProcedure("model.write")
    .input(z.object({ modelId: id, to, name: name.optional() }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => copyModel(tx, ctx.scope, input))),
});
