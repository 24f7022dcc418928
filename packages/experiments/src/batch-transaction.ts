import { type AppError, isAppError, notFound } from "@ballast/core";
import { loggedModels, type Tx } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import type { RunPoints } from "./metric-fold.ts";
import { writePoints } from "./metric-write.ts";
import { textArray } from "./pg-arrays.ts";
import { trashed } from "./run-lock.ts";
import { columnsOfTags } from "./run-tags.ts";
import { paramConflict, type TrackingBatch } from "./tracking-batch.ts";

/** A checked batch on its way into a transaction. */
export interface BatchOfRun {
  projectId: string;
  runId: string;
  batch: TrackingBatch;
}

/** What the transaction knows of a run and will change of it. */
interface RunState {
  projectId: string;
  trashed: boolean;
  /** Values of the parameters that the batches name. */
  params: Map<string, string>;
  newParams: Record<string, string | number | boolean>;
  newTags: Record<string, string>;
}

/**
 * Writes batches of a team in one transaction, in their order. One that is refused takes no part in it and does not disturb the others.
 * @returns for each batch null, or why it was refused: `not_found` (run or logged model), `conflict` (run in the trash, parameter that
 *   has another value)
 */
export async function writeBatches(
  tx: Tx,
  teamId: string,
  batches: readonly BatchOfRun[],
): Promise<(AppError | null)[]> {
  const runs = await readRuns(tx, teamId, batches);
  const models = await knownModels(tx, teamId, batches);
  const points: RunPoints[] = [];
  const refusals = batches.map(({ projectId, runId, batch }) => {
    try {
      accept(runs.get(runId), models, { projectId, runId, batch });
    } catch (error) {
      if (isAppError(error)) return error;
      throw error;
    }
    if (batch.metrics && batch.metrics.length > 0) points.push({ projectId, runId, metrics: batch.metrics });
    return null;
  });
  await updateRuns(tx, teamId, runs);
  await writePoints(tx, teamId, points);
  return refusals;
}

function accept(run: RunState | undefined, models: ReadonlySet<string>, { projectId, runId, batch }: BatchOfRun): void {
  if (!run || run.projectId !== projectId) throw notFound("Run", runId);
  if (run.trashed) throw trashed(runId);
  const { metrics = [], params = [], tags = [] } = batch;
  for (const { key, value } of params) {
    const was = run.params.get(key);
    if (was !== undefined && was !== String(value)) throw paramConflict(key, was, String(value));
  }
  for (const { modelId } of metrics) {
    if (modelId !== undefined && !models.has(`${projectId} ${modelId}`)) throw notFound("Logged model", modelId);
  }
  for (const { key, value } of params) {
    if (run.params.has(key)) continue;
    run.params.set(key, String(value));
    define(run.newParams, key, value);
  }
  for (const { key, value } of tags) define(run.newTags, key, value);
}

/** A key may be called `__proto__`. */
function define<T>(record: Record<string, T>, key: string, value: T): void {
  Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
}

/** The runs' states; those whose record changes are locked, in the order of their ids. */
async function readRuns(tx: Tx, teamId: string, batches: readonly BatchOfRun[]): Promise<Map<string, RunState>> {
  const recorded = new Map<string, string[]>();
  const pointsOnly = new Set<string>();
  for (const { runId, batch } of batches) {
    const keys = recorded.get(runId);
    if (keys) keys.push(...(batch.params ?? []).map(({ key }) => key));
    else if (batch.params?.length || batch.tags?.length)
      recorded.set(
        runId,
        (batch.params ?? []).map(({ key }) => key),
      );
    else pointsOnly.add(runId);
  }
  const found = new Map<string, RunState>();
  const remember = (rows: readonly StateRow[]) => {
    for (const row of rows) {
      const params = new Map(Object.entries(row.params ?? {}).map(([key, value]) => [key, String(value)]));
      found.set(row.id, { projectId: row.project, trashed: row.trashed, params, newParams: {}, newTags: {} });
    }
  };
  if (recorded.size > 0) remember(await lockRuns(tx, teamId, recorded));
  const rest = [...pointsOnly].filter((id) => !recorded.has(id));
  if (rest.length > 0) {
    remember(
      await tx.execute<StateRow>(sql`
        select id, project_id as project, deleted_at is not null as trashed from runs
        where team_id = ${teamId} and id = any(${textArray(rest)})`),
    );
  }
  return found;
}

interface StateRow extends Record<string, unknown> {
  id: string;
  project: string;
  trashed: boolean;
  params?: Record<string, unknown> | null;
}

/** Reads of a run's parameters those alone that are named: a run may have ten thousand. */
function lockRuns(tx: Tx, teamId: string, keys: ReadonlyMap<string, readonly string[]>): Promise<readonly StateRow[]> {
  const ids = [...keys.keys()].sort();
  const named = textArray(ids.map((id) => JSON.stringify(keys.get(id) ?? [])));
  return tx.execute<StateRow>(sql`
    select r.id, r.project_id as project, r.deleted_at is not null as trashed,
      case when r.params ?| u.keys then
        (select jsonb_object_agg(p.key, p.value) from jsonb_each(r.params) p where p.key = any(u.keys)) end as params
    from (select id, array(select jsonb_array_elements_text(keys::jsonb)) as keys
      from unnest(${textArray(ids)}, ${named}) as n(id, keys)) u
    join runs r on r.id = u.id
    where r.team_id = ${teamId}
    order by r.id for no key update of r`);
}

async function updateRuns(tx: Tx, teamId: string, runs: ReadonlyMap<string, RunState>): Promise<void> {
  const changed = [...runs].filter(
    ([, run]) => Object.keys(run.newParams).length > 0 || Object.keys(run.newTags).length > 0,
  );
  if (changed.length === 0) return;
  const told = changed.map(([, run]) => columnsOfTags(run.newTags));
  await tx.execute(sql`
    update runs r set params = r.params || u.params::jsonb, tags = r.tags || u.tags::jsonb,
      name = coalesce(u.name, r.name), parent_id = coalesce(u.parent_id, r.parent_id),
      code_version = coalesce(u.code_version, r.code_version)
    from unnest(${textArray(changed.map(([id]) => id))},
      ${textArray(changed.map(([, run]) => JSON.stringify(run.newParams)))},
      ${textArray(changed.map(([, run]) => JSON.stringify(run.newTags)))},
      ${textArray(told.map((t) => t.name ?? null))}, ${textArray(told.map((t) => t.parentId ?? null))},
      ${textArray(told.map((t) => t.codeVersion ?? null))}) as u(id, params, tags, name, parent_id, code_version)
    where r.team_id = ${teamId} and r.id = u.id`);
}

/** `project model` of every logged model that a metric names and that is there. */
async function knownModels(tx: Tx, teamId: string, batches: readonly BatchOfRun[]): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const { batch } of batches) {
    for (const { modelId } of batch.metrics ?? []) if (modelId !== undefined) named.add(modelId);
  }
  if (named.size === 0) return named;
  const rows = await tx
    .select({ id: loggedModels.id, projectId: loggedModels.projectId })
    .from(loggedModels)
    .where(and(eq(loggedModels.teamId, teamId), sql`${loggedModels.id} = any(${textArray([...named])})`));
  return new Set(rows.map(({ id, projectId }) => `${projectId} ${id}`));
}
