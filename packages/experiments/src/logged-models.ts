import { AppError, newLoggedModelId, notFound, type Scope } from "@ballast/core";
import { loggedModelMetrics, loggedModels, runs, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, eq } from "drizzle-orm";
import { inBrief } from "./audit-detail.ts";
import { activeExperiment } from "./experiments.ts";
import { paramConflict } from "./tracking-batch.ts";

export type LoggedModel = typeof loggedModels.$inferSelect;

/** The newest value of a metric of a logged model, by run and dataset ("" for none). */
export type LoggedModelMetric = Omit<typeof loggedModelMetrics.$inferSelect, "teamId" | "projectId">;

export interface LoggedModelInput {
  experimentId: string;
  name: string;
  modelType?: string;
  /** The run that made it. */
  sourceRunId?: string | null;
  params?: Record<string, string>;
  tags?: Record<string, string>;
}

const oneModel = (scope: Scope, id: string) =>
  and(eq(loggedModels.teamId, scope.teamId), eq(loggedModels.projectId, scope.projectId), eq(loggedModels.id, id));

/**
 * Makes a logged model, `pending` until its files are there.
 * @throws AppError `not_found` for an experiment or run that is not the project's; `conflict` for an experiment in the trash
 */
export async function createLoggedModel(tx: Tx, scope: Scope, input: LoggedModelInput): Promise<LoggedModel> {
  const { teamId, projectId } = scope;
  const { modelType = "", sourceRunId = null, params = {}, tags = {} } = input;
  await activeExperiment(tx, scope, input.experimentId);
  if (sourceRunId !== null) await refuseForeignRun(tx, scope, sourceRunId);
  const [model] = await tx
    .insert(loggedModels)
    .values({
      ...{ teamId, projectId, id: newLoggedModelId(), experimentId: input.experimentId },
      ...{ name: input.name, modelType, sourceRunId, params, tags, state: "pending", createdBy: scope.actor.name },
    })
    .returning();
  if (!model) throw new AppError("internal", "insert of a logged model returned no row");
  const detail = { name: model.name, run: sourceRunId };
  await audit(tx, scope, { action: "logged_model.create", subject: model.id, detail });
  return model;
}

async function refuseForeignRun(tx: Tx, scope: Scope, runId: string): Promise<void> {
  const [run] = await tx
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, runId)));
  if (!run) throw notFound("Run", runId);
}

/** A logged model with its metrics, also from the trash. @throws AppError `not_found` */
export async function getLoggedModel(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<LoggedModel & { metrics: LoggedModelMetric[] }> {
  const [model] = await tx.select().from(loggedModels).where(oneModel(scope, id));
  if (!model) throw notFound("Logged model", id);
  const m = loggedModelMetrics;
  const metrics = await tx
    .select({
      ...{ modelId: m.modelId, runId: m.runId, key: m.key, datasetName: m.datasetName },
      ...{ datasetDigest: m.datasetDigest, step: m.step, at: m.at, value: m.value },
    })
    .from(m)
    .where(and(eq(m.teamId, scope.teamId), eq(m.projectId, scope.projectId), eq(m.modelId, id)))
    .orderBy(asc(m.key), asc(m.datasetName), asc(m.datasetDigest), asc(m.runId));
  return { ...model, metrics };
}

/** Says how the upload of its files ended. @throws AppError `not_found`, also for one in the trash */
export function finishLoggedModel(tx: Tx, scope: Scope, id: string, state: LoggedModel["state"]): Promise<LoggedModel> {
  return change(tx, scope, id, { action: "finish", state }, () => ({ state }));
}

/** Sets tags. @throws AppError `not_found`, also for one in the trash */
export function tagLoggedModel(tx: Tx, scope: Scope, id: string, added: Record<string, string>): Promise<LoggedModel> {
  return change(tx, scope, id, { action: "tag", tags: inBrief(added) }, ({ tags }) => ({
    tags: { ...tags, ...added },
  }));
}

/** Takes a tag away. @throws AppError `not_found` for a model or tag that is not there */
export function untagLoggedModel(tx: Tx, scope: Scope, id: string, key: string): Promise<LoggedModel> {
  return change(tx, scope, id, { action: "untag", key }, (model) => {
    if (!Object.hasOwn(model.tags, key)) throw notFound("Tag", key);
    const { [key]: _gone, ...tags } = model.tags;
    return { tags };
  });
}

/** Adds parameters; the same value again is fine. @throws AppError `not_found`; `conflict` for one that has another value */
export function addLoggedModelParams(
  tx: Tx,
  scope: Scope,
  id: string,
  added: Record<string, string>,
): Promise<LoggedModel> {
  return change(tx, scope, id, { action: "add_params", params: inBrief(added) }, ({ params }) => {
    for (const [key, value] of Object.entries(added)) {
      const was = Object.hasOwn(params, key) ? params[key] : undefined;
      if (was !== undefined && was !== value) throw paramConflict(key, was, value);
    }
    return { params: { ...params, ...added } };
  });
}

/** Puts it into the trash. Idempotent. @throws AppError `not_found` */
export function trashLoggedModel(tx: Tx, scope: Scope, id: string): Promise<LoggedModel> {
  return changeTrashed(tx, scope, id, "trash");
}

/** Takes it out of the trash. Idempotent. @throws AppError `not_found` */
export function restoreLoggedModel(tx: Tx, scope: Scope, id: string): Promise<LoggedModel> {
  return changeTrashed(tx, scope, id, "restore");
}

/** What the audit event says: its verb and detail. */
type Told = { action: string } & Record<string, unknown>;

async function change(
  tx: Tx,
  scope: Scope,
  id: string,
  told: Told,
  to: (model: LoggedModel) => Partial<LoggedModel>,
): Promise<LoggedModel> {
  const model = await lock(tx, scope, id);
  if (model.deletedAt) throw notFound("Logged model", id);
  return write(tx, scope, model, to(model), told);
}

async function changeTrashed(tx: Tx, scope: Scope, id: string, action: "trash" | "restore"): Promise<LoggedModel> {
  const model = await lock(tx, scope, id);
  if ((model.deletedAt !== null) === (action === "trash")) return model;
  const deletedAt = action === "trash" ? new Date() : null;
  return write(tx, scope, model, { deletedAt }, { action, name: model.name });
}

async function lock(tx: Tx, scope: Scope, id: string): Promise<LoggedModel> {
  const [model] = await tx.select().from(loggedModels).where(oneModel(scope, id)).for("update");
  if (!model) throw notFound("Logged model", id);
  return model;
}

async function write(
  tx: Tx,
  scope: Scope,
  model: LoggedModel,
  to: Partial<LoggedModel>,
  { action, ...detail }: Told,
): Promise<LoggedModel> {
  const changed = { ...to, updatedAt: new Date() };
  await tx.update(loggedModels).set(changed).where(oneModel(scope, model.id));
  await audit(tx, scope, { action: `logged_model.${action}`, subject: model.id, detail });
  return { ...model, ...changed };
}
