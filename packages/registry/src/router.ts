import type { ArtifactStore } from "@ballast/artifacts";
import { AppError } from "@ballast/core";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { moveAlias } from "./aliases.ts";
import { aliasSchema, listModelsSchema, ROUTED_ALIASES, registerVersionSchema } from "./index.ts";
import { lineageGraph } from "./lineage.ts";
import { getModel, getVersion, listModels } from "./models.ts";
import { registerModelVersion } from "./register-version.ts";

const id = z.string().min(1).max(100);
/** A version number is a 32-bit integer in the database. */
const MOST_VERSIONS = 2 ** 31 - 1;

/** Models and versions. Registering reads the model file, so the router is made with the store it is in. */
export function createModelRouter(deps: { artifacts: ArtifactStore }) {
  return router({
    list: projectProcedure("project.read")
      .input(listModelsSchema)
      .query(({ ctx, input }) => ctx.inTenant((tx) => listModels(tx, ctx.scope, input))),
    get: projectProcedure("project.read")
      .input(
        z.object({
          model: id,
          before: z.int().positive().max(MOST_VERSIONS).optional(),
          limit: z.int().min(1).max(200).default(50),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => getModel(tx, ctx.scope, input))),
    version: projectProcedure("project.read")
      .input(z.object({ versionId: id }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => getVersion(tx, ctx.scope, input.versionId))),
    lineage: projectProcedure("project.read")
      .input(z.object({ versionId: id }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => lineageGraph(tx, ctx.scope, input.versionId))),
    register: projectProcedure("model.write")
      .input(z.object({ version: registerVersionSchema }))
      .mutation(({ ctx, input }) =>
        registerModelVersion({ db: ctx.db, artifacts: deps.artifacts }, ctx.scope, input.version),
      ),
    setAlias: projectProcedure("model.write")
      .input(z.object({ modelId: id, alias: aliasSchema, versionId: id }))
      .mutation(({ ctx, input }) => {
        if (ROUTED_ALIASES.includes(input.alias)) {
          throw new AppError(
            "precondition_failed",
            `alias: "${input.alias}" follows the deployment's routes. Ask for a rollout of the version instead.`,
            { details: { field: "alias" } },
          );
        }
        const { modelId, alias, versionId } = input;
        return ctx.inTenant((tx) => moveAlias(tx, ctx.scope, { modelId, alias, versionId }));
      }),
  });
}
