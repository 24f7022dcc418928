import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { datasets, deployments, featureViews, type Tx, trainingPipelines, triggerPolicies } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { checkBindings } from "@ballast/registry/server";
import { and, asc, desc, eq } from "drizzle-orm";
import type { z } from "zod";
import type { pipelineInputSchema, policyInputSchema } from "./index.ts";

export type Pipeline = typeof trainingPipelines.$inferSelect;
export type Policy = typeof triggerPolicies.$inferSelect;

/** Names of the tensors every trainer's ONNX model has, by contract (see the plugin SDK's `TrainResult`). */
export function servingTensors(task: "binary" | "regression"): { tensor: string; output: string } {
  return { tensor: "features", output: task === "binary" ? "probability" : "prediction" };
}

const pipelinesOf = (scope: Scope) =>
  and(eq(trainingPipelines.teamId, scope.teamId), eq(trainingPipelines.projectId, scope.projectId));

/**
 * Stores a pipeline under its name; one of that name takes the new spec. Everything it names must exist by now.
 * @throws AppError naming the field: trainer, parameter, dataset, feature view or feature unknown
 */
export async function definePipeline(
  tx: Tx,
  scope: Scope,
  input: z.infer<typeof pipelineInputSchema>,
  deps: { plugins: PluginHost },
): Promise<Pipeline> {
  const { name, spec } = input;
  deps.plugins.trainer(spec.trainer).estimate({ rows: 1, features: spec.features.length, params: spec.params });
  await checkInputs(tx, scope, spec);
  const [row] = await tx
    .insert(trainingPipelines)
    .values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id: newId("pipeline") },
      ...{ name, spec, createdBy: scope.actor.name },
    })
    .onConflictDoUpdate({
      target: [trainingPipelines.teamId, trainingPipelines.projectId, trainingPipelines.name],
      set: { spec },
    })
    .returning();
  if (!row) throw new AppError("internal", "upsert of a pipeline returned no row");
  await audit(tx, scope, { action: "pipeline.define", subject: row.id, detail: { name, trainer: spec.trainer } });
  return row;
}

async function checkInputs(tx: Tx, scope: Scope, spec: Pipeline["spec"]): Promise<void> {
  const [dataset] = await tx
    .select({ id: datasets.id })
    .from(datasets)
    .where(
      and(eq(datasets.teamId, scope.teamId), eq(datasets.projectId, scope.projectId), eq(datasets.name, spec.dataset)),
    );
  if (!dataset) {
    throw new AppError(
      "not_found",
      `spec.dataset: dataset "${spec.dataset}" does not exist; upload a version of it first.`,
      {
        details: { field: "spec.dataset" },
      },
    );
  }
  const views = await tx
    .selectDistinctOn([featureViews.name], { definition: featureViews.definition })
    .from(featureViews)
    .where(and(eq(featureViews.teamId, scope.teamId), eq(featureViews.projectId, scope.projectId)))
    .orderBy(featureViews.name, desc(featureViews.version));
  const serving = { ...servingTensors(spec.task), features: spec.features };
  checkBindings(
    serving,
    views.map((view) => view.definition),
  );
}

/** Pipelines by name. */
export function listPipelines(tx: Tx, scope: Scope): Promise<Pipeline[]> {
  return tx.select().from(trainingPipelines).where(pipelinesOf(scope)).orderBy(asc(trainingPipelines.name));
}

/** A pipeline by its name or id. @throws AppError `not_found` */
export async function getPipeline(tx: Tx, scope: Scope, nameOrId: string): Promise<Pipeline> {
  const column = nameOrId.startsWith("pip_") ? trainingPipelines.id : trainingPipelines.name;
  const [row] = await tx
    .select()
    .from(trainingPipelines)
    .where(and(pipelinesOf(scope), eq(column, nameOrId)));
  if (!row) throw notFound("Pipeline", nameOrId);
  return row;
}

/** Stores a trigger policy under its name; one of that name takes the new rule. @throws AppError `not_found` */
export async function definePolicy(tx: Tx, scope: Scope, input: z.infer<typeof policyInputSchema>): Promise<Policy> {
  const pipeline = await getPipeline(tx, scope, input.pipeline);
  const [deployment] = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(
        eq(deployments.teamId, scope.teamId),
        eq(deployments.projectId, scope.projectId),
        eq(deployments.name, input.deployment),
      ),
    );
  if (!deployment) throw notFound("Deployment", input.deployment);
  const rule = { deploymentId: deployment.id, pipelineId: pipeline.id, spec: input.spec, enabled: input.enabled };
  const [row] = await tx
    .insert(triggerPolicies)
    .values({ teamId: scope.teamId, projectId: scope.projectId, id: newId("policy"), name: input.name, ...rule })
    .onConflictDoUpdate({
      target: [triggerPolicies.teamId, triggerPolicies.projectId, triggerPolicies.name],
      set: rule,
    })
    .returning();
  if (!row) throw new AppError("internal", "upsert of a policy returned no row");
  await audit(tx, scope, { action: "policy.define", subject: row.id, detail: { name: input.name, ...input.spec } });
  return row;
}

/** Policies by name. */
export function listPolicies(tx: Tx, scope: Scope): Promise<Policy[]> {
  return tx
    .select()
    .from(triggerPolicies)
    .where(and(eq(triggerPolicies.teamId, scope.teamId), eq(triggerPolicies.projectId, scope.projectId)))
    .orderBy(asc(triggerPolicies.name));
}
