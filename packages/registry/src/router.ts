import type { ArtifactStore } from "@ballast/artifacts";
import { mergeRouters, projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { createAliasRouter } from "./alias-router.ts";
import { bindServing } from "./bind-serving.ts";
import {
  bindServingSchema,
  idSchema,
  listModelsSchema,
  registerVersionSchema,
  searchSchema,
  tagsSchema,
} from "./index.ts";
import { lineageGraph } from "./lineage.ts";
import {
  restoreModelVersion,
  tagModelVersion,
  transitionStage,
  trashedVersions,
  trashModelVersion,
  untagModelVersion,
  updateModelVersion,
} from "./model-versions.ts";
import { getModel, getVersion, listModels } from "./models.ts";
import { findModel } from "./records.ts";
import { createModelVersion } from "./register-source.ts";
import { registerModelVersion } from "./register-version.ts";
import {
  createRegisteredModel,
  renameRegisteredModel,
  restoreRegisteredModel,
  tagRegisteredModel,
  trashRegisteredModel,
  untagRegisteredModel,
  updateRegisteredModel,
} from "./registered-models.ts";
import { createReportRouter } from "./report-router.ts";
import { searchModelVersions, searchRegisteredModels } from "./search-models.ts";

const id = idSchema;
const name = z.string().min(1).max(256);
const description = z.string().max(100_000);
const key = z.string().min(1).max(250);
const value = z.string().max(100_000);
/** A version number is a 32-bit integer in the database. */
const MOST_VERSIONS = 2 ** 31 - 1;

function createModelsRouter() {
  return router({
    list: projectProcedure("project.read")
      .input(listModelsSchema)
      .query(({ ctx, input }) => ctx.inTenant((tx) => listModels(tx, ctx.scope, input))),
    search: projectProcedure("project.read")
      .input(searchSchema)
      .query(({ ctx, input }) => ctx.inTenant((tx) => searchRegisteredModels(tx, ctx.scope, input))),
    get: projectProcedure("project.read")
      .input(
        z.object({
          model: name,
          before: z.int().positive().max(MOST_VERSIONS).optional(),
          limit: z.int().min(1).max(200).default(50),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => getModel(tx, ctx.scope, input))),
    create: projectProcedure("model.write")
      .input(z.object({ name, description: description.optional(), tags: tagsSchema.optional() }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => createRegisteredModel(tx, ctx.scope, input))),
    rename: projectProcedure("model.write")
      .input(z.object({ modelId: id, newName: name }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          return renameRegisteredModel(tx, ctx.scope, { name: model.name, newName: input.newName });
        }),
      ),
    describe: projectProcedure("model.write")
      .input(z.object({ modelId: id, description }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          return updateRegisteredModel(tx, ctx.scope, { name: model.name, description: input.description });
        }),
      ),
    tag: projectProcedure("model.write")
      .input(z.object({ modelId: id, key, value }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          await tagRegisteredModel(tx, ctx.scope, { name: model.name, key: input.key, value: input.value });
        }),
      ),
    untag: projectProcedure("model.write")
      .input(z.object({ modelId: id, key }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          await untagRegisteredModel(tx, ctx.scope, { name: model.name, key: input.key });
        }),
      ),
    trash: projectProcedure("model.write")
      .input(z.object({ modelId: id }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => trashRegisteredModel(tx, ctx.scope, { id: input.modelId }))),
    restore: projectProcedure("model.write")
      .input(z.object({ modelId: id, name: name.optional() }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) => restoreRegisteredModel(tx, ctx.scope, { id: input.modelId, name: input.name })),
      ),
  });
}

function createVersionsRouter(deps: { artifacts: ArtifactStore }) {
  return router({
    version: projectProcedure("project.read")
      .input(z.object({ versionId: id }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => getVersion(tx, ctx.scope, input.versionId))),
    searchVersions: projectProcedure("project.read")
      .input(searchSchema)
      .query(({ ctx, input }) => ctx.inTenant((tx) => searchModelVersions(tx, ctx.scope, input))),
    lineage: projectProcedure("project.read")
      .input(z.object({ versionId: id }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => lineageGraph(tx, ctx.scope, input.versionId))),
    register: projectProcedure("model.write")
      .input(z.object({ version: registerVersionSchema }))
      .mutation(({ ctx, input }) =>
        registerModelVersion({ db: ctx.db, artifacts: deps.artifacts }, ctx.scope, input.version),
      ),
    registerFiles: projectProcedure("model.write")
      .input(
        z.object({
          ...{ name, source: z.string().min(1).max(2_048), runId: id.optional(), loggedModelId: id.optional() },
          ...{
            runLink: z.string().max(500).optional(),
            description: description.optional(),
            tags: tagsSchema.optional(),
          },
        }),
      )
      .mutation(({ ctx, input }) => createModelVersion({ db: ctx.db, artifacts: deps.artifacts }, ctx.scope, input)),
    bind: projectProcedure("model.write")
      .input(bindServingSchema)
      .mutation(({ ctx, input }) => bindServing({ db: ctx.db, artifacts: deps.artifacts }, ctx.scope, input)),
    describeVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id, description }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) =>
          updateModelVersion(tx, ctx.scope, { version: { id: input.versionId }, description: input.description }),
        ),
      ),
    tagVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id, key, value }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) => tagModelVersion(tx, ctx.scope, { ...input, version: { id: input.versionId } })),
      ),
    untagVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id, key }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) => untagModelVersion(tx, ctx.scope, { ...input, version: { id: input.versionId } })),
      ),
    stageVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id, stage: z.string().max(40), archiveExisting: z.boolean().default(false) }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant((tx) => transitionStage(tx, ctx.scope, { ...input, version: { id: input.versionId } })),
      ),
    trashVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => trashModelVersion(tx, ctx.scope, { id: input.versionId }))),
    restoreVersion: projectProcedure("model.write")
      .input(z.object({ versionId: id }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => restoreModelVersion(tx, ctx.scope, input.versionId))),
    trashedVersions: projectProcedure("project.read")
      .input(z.object({ modelId: id }))
      .query(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const model = await findModel(tx, ctx.scope, { id: input.modelId });
          return trashedVersions(tx, ctx.scope, model.id);
        }),
      ),
  });
}

/** Models and versions. Registering reads the model file, so the router is made with the store it is in. */
export function createModelRouter(deps: { artifacts: ArtifactStore }) {
  return mergeRouters(createModelsRouter(), createVersionsRouter(deps), createAliasRouter(), createReportRouter(deps));
}
export { createProvenanceRouter } from "./provenance/router.ts";
