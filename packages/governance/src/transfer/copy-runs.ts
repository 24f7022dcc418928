import { AppError, newId, newLoggedModelId, notFound, type Scope } from "@ballast/core";
import { loggedModels, metricSeries, runs, type Tx } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { own } from "../own-rows.ts";
import { datasetIn } from "./move-runs.ts";
import { experimentNamed, ORIGIN_TAG, type Place, placesOf } from "./target.ts";

/** A copy holds every point again: so many runs at a time. */
const MOST_COPIES = 500;

async function copyFiles(tx: Tx, from: Scope, to: Scope, oldOwner: string, newOwner: string): Promise<void> {
  await tx.execute(sql`
    insert into artifact_entries (team_id, project_id, owner_id, path, digest, size_bytes)
    select team_id, ${to.projectId}, ${newOwner}, path, digest, size_bytes from artifact_entries where ${own(from)} and owner_id = ${oldOwner}`);
}

/** Series with new numbers, then their points and pyramids. */
async function copyMetrics(tx: Tx, from: Scope, to: Scope, oldRun: string, newRun: string): Promise<void> {
  const rows = await tx
    .select()
    .from(metricSeries)
    .where(
      and(
        eq(metricSeries.teamId, from.teamId),
        eq(metricSeries.projectId, from.projectId),
        eq(metricSeries.runId, oldRun),
      ),
    );
  for (const { no, ...series } of rows) {
    const [made] = await tx
      .insert(metricSeries)
      .values({ ...series, projectId: to.projectId, runId: newRun })
      .returning({ no: metricSeries.no });
    await tx.execute(sql`
      insert into metric_points (team_id, series, step, at, value)
      select team_id, ${made?.no ?? 0}, step, at, value from metric_points where team_id = ${from.teamId} and series = ${no}`);
    await tx.execute(sql`
      insert into metric_pyramids (team_id, series, level, part, width, buckets, points, first_step, last_step, data)
      select team_id, ${made?.no ?? 0}, level, part, width, buckets, points, first_step, last_step, data from metric_pyramids
      where team_id = ${from.teamId} and series = ${no}`);
  }
}

/** Copies of the runs' logged models; old id → new id. */
async function copyModels(
  tx: Tx,
  from: Place,
  to: Place,
  runIds: Map<string, string>,
  experimentId: string,
): Promise<Map<string, string>> {
  const rows = await tx
    .select()
    .from(loggedModels)
    .where(
      and(
        eq(loggedModels.teamId, from.scope.teamId),
        eq(loggedModels.projectId, from.scope.projectId),
        inArray(loggedModels.sourceRunId, [...runIds.keys()]),
      ),
    );
  const ids = new Map(rows.map(({ id }) => [id, newLoggedModelId()]));
  for (const row of rows) {
    const id = ids.get(row.id) ?? "";
    await tx.insert(loggedModels).values({
      ...row,
      ...{ id, projectId: to.scope.projectId, experimentId, sourceRunId: runIds.get(row.sourceRunId ?? "") ?? null },
      tags: { ...row.tags, [ORIGIN_TAG]: `${from.slug}/${row.id}` },
      deletedAt: null,
    });
    await copyFiles(tx, from.scope, to.scope, row.id, id);
    for (const [oldRun, newRun] of runIds)
      await tx.execute(sql`
        insert into logged_model_metrics (team_id, project_id, model_id, run_id, key, dataset_name, dataset_digest, step, at, value)
        select team_id, ${to.scope.projectId}, ${id}, ${newRun}, key, dataset_name, dataset_digest, step, at, value
        from logged_model_metrics where ${own(from.scope)} and model_id = ${row.id} and run_id = ${oldRun}`);
  }
  return ids;
}

async function copyLinks(
  tx: Tx,
  from: Scope,
  to: Scope,
  ids: { oldRun: string; newRun: string; models: Map<string, string> },
): Promise<void> {
  const links = await tx.execute<{ kind: string; target_id: string; name: string | null; digest: string | null }>(sql`
    select l.kind, l.target_id, d.name, d.digest from run_links l
    left join tracked_datasets d on d.team_id = l.team_id and d.id = l.target_id
    where l.team_id = ${from.teamId} and l.project_id = ${from.projectId} and l.run_id = ${ids.oldRun}`);
  for (const { kind, target_id, name, digest } of links) {
    const target =
      kind === "input_dataset" && name !== null && digest !== null
        ? await datasetIn(tx, to, target_id, name, digest)
        : ids.models.get(target_id);
    // A model of another run is not copied along; a link to it would lead out of the project.
    if (target === undefined) continue;
    await tx.execute(sql`
      insert into run_links (team_id, project_id, run_id, kind, target_id, step, tags)
      select team_id, ${to.projectId}, ${ids.newRun}, kind, ${target}, step, tags from run_links
      where ${own(from)} and run_id = ${ids.oldRun} and kind = ${kind} and target_id = ${target_id} on conflict do nothing`);
  }
}

/**
 * Copies ended runs with their metrics, logged models and files to an experiment (made if new) of the same or another project of the
 * team. Copies have ids of their own and say in the tag `ballast.origin` what they were; of nested runs those chosen stay nested.
 */
export async function copyRuns(
  tx: Tx,
  scope: Scope,
  input: { runIds: string[]; to: string; experiment: string },
): Promise<{ copied: { from: string; id: string }[]; experimentId: string }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  if (input.runIds.length > MOST_COPIES)
    throw new AppError(
      "invalid_input",
      `runIds: at most ${MOST_COPIES} runs are copied at a time. Send them in parts.`,
      {
        details: { field: "runIds" },
      },
    );
  const rows = await tx
    .select()
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), inArray(runs.id, input.runIds)));
  const missing = input.runIds.find((id) => !rows.some((row) => row.id === id));
  if (missing) throw notFound("Run", missing);
  const open = rows.find(({ endedAt }) => endedAt === null);
  if (open)
    throw new AppError(
      "precondition_failed",
      `Run "${open.name}" (${open.id}) has not ended; a copy would be of its half.`,
    );
  const experimentId = await experimentNamed(tx, to.scope, input.experiment);
  const ids = new Map(rows.map(({ id }) => [id, newId("run")]));
  for (const row of rows)
    await tx.insert(runs).values({
      ...row,
      ...{ id: ids.get(row.id) ?? "", projectId: to.scope.projectId, experimentId, deletedAt: null },
      parentId: row.parentId === null ? null : (ids.get(row.parentId) ?? null),
      tags: { ...row.tags, [ORIGIN_TAG]: `${from.slug}/${row.id}` },
    });
  const models = await copyModels(tx, from, to, ids, experimentId);
  for (const [oldRun, newRun] of ids) {
    await copyMetrics(tx, scope, to.scope, oldRun, newRun);
    await copyLinks(tx, scope, to.scope, { oldRun, newRun, models });
    await copyFiles(tx, scope, to.scope, oldRun, newRun);
  }
  const copied = [...ids].map(([old, id]) => ({ from: old, id }));
  const detail = { runs: copied.length, from: from.slug, to: to.slug, experiment: input.experiment };
  await audit(tx, to.scope, { action: "run.copy", subject: copied[0]?.id ?? "", detail });
  return { copied, experimentId };
}

/**
 * Copies an experiment with its active runs that have ended, under a name that is new there; tags say what it was.
 * @throws AppError `conflict` when the name is taken there, `precondition_failed` for one of more runs than a copy takes
 */
export async function copyExperiment(
  tx: Tx,
  scope: Scope,
  input: { experimentId: string; to: string; name?: string | undefined },
): Promise<{ experimentId: string; copied: number }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  const [row] = await tx.execute<{ name: string }>(
    sql`select name from experiments where ${own(scope)} and id = ${input.experimentId}`,
  );
  if (!row) throw notFound("Experiment", input.experimentId);
  const name = input.name ?? row.name;
  const [taken] = await tx.execute(
    sql`select 1 from experiments where ${own(to.scope)} and name = ${name} and deleted_at is null`,
  );
  if (taken)
    throw new AppError("conflict", `name: ${to.slug} has an experiment "${name}" already. Choose another name.`, {
      details: { field: "name" },
    });
  const active = await tx.execute<{ id: string }>(sql`
    select id from runs where ${own(scope)} and experiment_id = ${input.experimentId} and deleted_at is null and ended_at is not null
    limit ${MOST_COPIES + 1}`);
  if (active.length > MOST_COPIES)
    throw new AppError(
      "precondition_failed",
      `The experiment "${row.name}" has more than ${MOST_COPIES} ended runs, the most that a copy takes. Copy its runs in parts.`,
      { details: { field: "experimentId", most: MOST_COPIES } },
    );
  const runIds = active.map(({ id }) => id);
  const made =
    runIds.length > 0
      ? await copyRuns(tx, scope, { runIds, to: input.to, experiment: name })
      : { copied: [], experimentId: await experimentNamed(tx, to.scope, name) };
  const origin = JSON.stringify({ [ORIGIN_TAG]: `${from.slug}/${input.experimentId}` });
  await tx.execute(sql`
    update experiments n set tags = o.tags || ${origin}::jsonb from experiments o
    where n.team_id = ${scope.teamId} and n.id = ${made.experimentId} and o.team_id = ${scope.teamId} and o.id = ${input.experimentId}`);
  const detail = { name, from: from.slug, to: to.slug, runs: made.copied.length };
  await audit(tx, to.scope, { action: "experiment.copy", subject: made.experimentId, detail });
  return { experimentId: made.experimentId, copied: made.copied.length };
}
