import { AppError, newId, notFound, type Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { own } from "../own-rows.ts";
import { versionOfFiles } from "../version-of-files.ts";
import { experimentNamed, type Place, placesOf } from "./target.ts";

/** Runs that one request moves or copies at most. */
const MOST_RUNS = 10_000;

/** The runs and those nested in them, as a list for `in`. @throws AppError `not_found` naming the first that is not the project's */
async function withChildren(tx: Tx, scope: Scope, runIds: string[]): Promise<string[]> {
  const rows = await tx.execute<{ id: string }>(sql`
    with recursive all_runs as (
      select id from runs where ${own(scope)} and id in ${runIds}
      union select r.id from runs r join all_runs a on r.parent_id = a.id
        where r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId})
    select id from all_runs limit ${MOST_RUNS + 1}`);
  const found = new Set(rows.map(({ id }) => id));
  const missing = runIds.find((id) => !found.has(id));
  if (missing) throw notFound("Run", missing);
  if (found.size > MOST_RUNS)
    throw new AppError("invalid_input", `runIds: with their nested runs these are more than ${MOST_RUNS}.`);
  return [...found];
}

/** @throws AppError `precondition_failed` for a run that is being written, or one a registered version rests on */
async function refuseWhileBound(tx: Tx, scope: Scope, which: SQL): Promise<void> {
  const [open] = await tx.execute<{ id: string; name: string }>(
    sql`select id, name from runs where ${own(scope)} and state in ('running', 'scheduled') and id in (${which}) limit 1`,
  );
  if (open) throw new AppError("precondition_failed", `Run "${open.name}" (${open.id}) has not ended; end it first.`);
  const [made] = await tx.execute<{ model: string; version: number }>(sql`
    select m.name as model, v.version from model_versions v join registered_models m on m.team_id = v.team_id and m.id = v.model_id
    where v.team_id = ${scope.teamId} and v.project_id = ${scope.projectId} and (v.lineage->>'runId' in (${which})
      or v.logged_model_id in (select id from logged_models where ${own(scope)} and source_run_id in (${which})))
    limit 1`);
  const bound = made ?? (await versionOfFiles(tx, scope, which));
  if (bound) {
    const message = `${bound.model} version ${bound.version} was registered from one of the runs and is looked for beside it. Copy instead.`;
    throw new AppError("precondition_failed", message);
  }
}

/** The tracked datasets of runs exist in the other project under the same name and digest, and the links name those. */
async function relinkDatasets(tx: Tx, from: Scope, to: Scope, which: SQL): Promise<void> {
  const used = await tx.execute<{ id: string; name: string; digest: string }>(sql`
    select distinct d.id, d.name, d.digest from tracked_datasets d join run_links l on l.team_id = d.team_id and l.target_id = d.id
    where d.team_id = ${from.teamId} and l.project_id = ${from.projectId} and l.kind = 'input_dataset' and l.run_id in (${which})`);
  for (const { id, name, digest } of used) {
    const there = await datasetIn(tx, to, id, name, digest);
    if (there === id) continue;
    await tx.execute(sql`
      update run_links set target_id = ${there} where ${own(from)} and kind = 'input_dataset' and target_id = ${id} and run_id in (${which})`);
  }
}

/** The id of a dataset in another project: the one of the same name and digest there, made as a copy if there is none. */
export async function datasetIn(tx: Tx, to: Scope, id: string, name: string, digest: string): Promise<string> {
  await tx.execute(sql`
    insert into tracked_datasets (team_id, project_id, id, name, digest, source_type, source, schema, profile)
    select team_id, ${to.projectId}, ${newId("trackedDataset")}, name, digest, source_type, source, schema, profile
    from tracked_datasets where team_id = ${to.teamId} and id = ${id} on conflict do nothing`);
  const [row] = await tx.execute<{ id: string }>(
    sql`select id from tracked_datasets where ${own(to)} and name = ${name} and digest = ${digest}`,
  );
  if (!row) throw new AppError("internal", `dataset ${name} was not copied`);
  return row.id;
}

/** Moves the rows of runs, with their logged models and files. Ids stay. */
async function moveRows(tx: Tx, from: Place, to: Place, which: SQL, experimentId: string): Promise<void> {
  const models = sql`select id from logged_models where ${own(from.scope)} and source_run_id in (${which})`;
  const project = sql`set project_id = ${to.scope.projectId}`;
  await relinkDatasets(tx, from.scope, to.scope, which);
  for (const table of ["artifact_entries", "artifact_uploads"]) {
    const owner = sql`(owner_id in (${which}) or owner_id in (${models}))`;
    await tx.execute(sql`update ${sql.raw(table)} ${project} where ${own(from.scope)} and ${owner}`);
  }
  await tx.execute(
    sql`update logged_model_metrics ${project} where ${own(from.scope)} and (run_id in (${which}) or model_id in (${models}))`,
  );
  for (const table of ["metric_series", "run_links"])
    await tx.execute(sql`update ${sql.raw(table)} ${project} where ${own(from.scope)} and run_id in (${which})`);
  await tx.execute(
    sql`update logged_models ${project}, experiment_id = ${experimentId} where ${own(from.scope)} and source_run_id in (${which})`,
  );
  await tx.execute(sql`
    update runs ${project}, experiment_id = ${experimentId},
      parent_id = case when parent_id in (${which}) then parent_id end
    where ${own(from.scope)} and id in (${which})`);
}

/**
 * Moves runs, with those nested in them, their metrics, logged models and files, to an experiment (made if new) of another project of
 * the team. Ids stay. @throws AppError `precondition_failed` for a run that has not ended or that a version was registered from
 */
export async function moveRuns(
  tx: Tx,
  scope: Scope,
  input: { runIds: string[]; to: string; experiment: string },
): Promise<{ moved: number; experimentId: string }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  const ids = await withChildren(tx, scope, input.runIds);
  const which = sql.join(
    ids.map((id) => sql`${id}`),
    sql`, `,
  );
  const experimentId = await experimentNamed(tx, to.scope, input.experiment);
  if (from.slug === to.slug) {
    await tx.execute(sql`update runs set experiment_id = ${experimentId} where ${own(scope)} and id in (${which})`);
    // Left behind, they would be deleted for good with an experiment that their runs are no longer in.
    await tx.execute(
      sql`update logged_models set experiment_id = ${experimentId} where ${own(scope)} and source_run_id in (${which})`,
    );
  } else {
    await refuseWhileBound(tx, scope, which);
    await moveRows(tx, from, to, which, experimentId);
  }
  const detail = { runs: ids.length, from: from.slug, to: to.slug, experiment: input.experiment };
  await audit(tx, scope, { action: "run.move", subject: ids[0] ?? "", detail });
  if (from.slug !== to.slug) await audit(tx, to.scope, { action: "run.move", subject: ids[0] ?? "", detail });
  return { moved: ids.length, experimentId };
}

/**
 * Moves an experiment with all its runs, those in the trash too. Ids stay. @throws AppError `conflict` when its name is taken there,
 * `precondition_failed` as {@link moveRuns}, and for the default experiment, which every project has
 */
export async function moveExperiment(
  tx: Tx,
  scope: Scope,
  input: { experimentId: string; to: string },
): Promise<{ moved: number }> {
  const { from, to } = await placesOf(tx, scope, input.to);
  const [row] = await tx.execute<{ name: string }>(
    sql`select name from experiments where ${own(scope)} and id = ${input.experimentId} for update`,
  );
  if (!row) throw notFound("Experiment", input.experimentId);
  if (row.name === "Default")
    throw new AppError("precondition_failed", "Every project has its own Default experiment. Move its runs instead.");
  if (from.slug === to.slug) return { moved: 0 };
  const [taken] = await tx.execute(
    sql`select 1 from experiments where ${own(to.scope)} and name = ${row.name} and deleted_at is null`,
  );
  if (taken)
    throw new AppError(
      "conflict",
      `${to.slug} has an experiment "${row.name}" already. Rename one of them first, or copy it under another name.`,
      {
        details: { field: "to" },
      },
    );
  const which = sql`select id from runs where ${own(scope)} and experiment_id = ${input.experimentId}`;
  await refuseWhileBound(tx, scope, which);
  const runs = await tx.execute<{ id: string }>(sql`${which} limit ${MOST_RUNS + 1}`);
  if (runs.length > MOST_RUNS)
    throw new AppError("precondition_failed", `It has more than ${MOST_RUNS} runs; move its runs in parts.`);
  if (runs.length > 0) {
    const ids = sql.join(
      runs.map(({ id }) => sql`${id}`),
      sql`, `,
    );
    await moveRows(tx, from, to, ids, input.experimentId);
  }
  await tx.execute(sql`
    update logged_models set project_id = ${to.scope.projectId} where ${own(scope)} and experiment_id = ${input.experimentId}`);
  await tx.execute(
    sql`update experiments set project_id = ${to.scope.projectId}, updated_at = now() where ${own(scope)} and id = ${input.experimentId}`,
  );
  const detail = { name: row.name, runs: runs.length, from: from.slug, to: to.slug };
  for (const place of [from, to])
    await audit(tx, place.scope, { action: "experiment.move", subject: input.experimentId, detail });
  return { moved: runs.length };
}
