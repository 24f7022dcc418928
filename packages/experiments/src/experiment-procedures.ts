import { projectProcedure } from "@ballast/governance/trpc";
import { z } from "zod";
import {
  createExperiment,
  getExperiment,
  listExperiments,
  renameExperiment,
  restoreExperiment,
  tagExperiment,
  trashExperiment,
  untagExperiment,
} from "./experiments.ts";
import { runTagsSchema } from "./index.ts";
import {
  getLoggedModel,
  restoreLoggedModel,
  tagLoggedModel,
  trashLoggedModel,
  untagLoggedModel,
} from "./logged-models.ts";

const experimentId = z.string().min(1);
const modelId = z.string().min(1);
const key = z.string().min(1).max(250);
const name = z.string().trim().min(1).max(250);

const ofExperiments = {
  experiments: projectProcedure("project.read").query(({ ctx }) =>
    ctx.inTenant((tx) => listExperiments(tx, ctx.scope)),
  ),
  experiment: projectProcedure("project.read")
    .input(z.object({ experimentId }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getExperiment(tx, ctx.scope, input.experimentId))),
  createExperiment: projectProcedure("experiment.write")
    .input(z.object({ name, tags: runTagsSchema.optional() }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant((tx) => createExperiment(tx, ctx.scope, { name: input.name, tags: input.tags })),
    ),
  renameExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId, name }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant((tx) => renameExperiment(tx, ctx.scope, input.experimentId, input.name)),
    ),
  tagExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId, tags: runTagsSchema }))
    .mutation(({ ctx, input: { experimentId: subject, tags } }) =>
      ctx.inTenant(async (tx) => {
        await tagExperiment(tx, ctx.scope, subject, tags);
      }),
    ),
  untagExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId, key }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await untagExperiment(tx, ctx.scope, input.experimentId, input.key);
      }),
    ),
  trashExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await trashExperiment(tx, ctx.scope, input.experimentId);
      }),
    ),
  restoreExperiment: projectProcedure("experiment.write")
    .input(z.object({ experimentId }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await restoreExperiment(tx, ctx.scope, input.experimentId);
      }),
    ),
};

const ofModels = {
  loggedModel: projectProcedure("project.read")
    .input(z.object({ modelId }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getLoggedModel(tx, ctx.scope, input.modelId))),
  tagLoggedModel: projectProcedure("experiment.write")
    .input(z.object({ modelId, tags: runTagsSchema }))
    .mutation(({ ctx, input: { modelId: subject, tags } }) =>
      ctx.inTenant(async (tx) => {
        await tagLoggedModel(tx, ctx.scope, subject, tags);
      }),
    ),
  untagLoggedModel: projectProcedure("experiment.write")
    .input(z.object({ modelId, key }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await untagLoggedModel(tx, ctx.scope, input.modelId, input.key);
      }),
    ),
  trashLoggedModel: projectProcedure("experiment.write")
    .input(z.object({ modelId }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await trashLoggedModel(tx, ctx.scope, input.modelId);
      }),
    ),
  restoreLoggedModel: projectProcedure("experiment.write")
    .input(z.object({ modelId }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        await restoreLoggedModel(tx, ctx.scope, input.modelId);
      }),
    ),
};

/** Experiments, and the models that runs log into them. */
export const experimentProcedures = { ...ofExperiments, ...ofModels };
