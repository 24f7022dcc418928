import { AppError, isAppError, notFound, type Scope } from "@ballast/core";
import { type Database, type Tx, withTenant } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import { audit } from "../audit.ts";
import { own } from "../own-rows.ts";
import { versionOfFiles } from "../version-of-files.ts";
import { requestCleanUp } from "./rules.ts";
import type { TrashKind, TrashRef } from "./schemas.ts";

/** Rows deleted, by table. */
export type RowCounts = Record<string, number>;

export function addCounts(into: RowCounts, more: RowCounts): void {
  for (const [table, n] of Object.entries(more)) into[table] = (into[table] ?? 0) + n;
}

async function remove(tx: Tx, counts: RowCounts, table: string, where: SQL): Promise<void> {
  const gone = await tx.execute<{ n: string }>(
    sql`with gone as (delete from ${sql.raw(table)} where ${where} returning 1) select count(*) as n from gone`,
  );
  const n = Number(gone[0]?.n ?? 0);
  if (n > 0) addCounts(counts, { [table]: n });
}

interface Trashed {
  name: string;
  [column: string]: unknown;
}
const TABLE: Record<TrashKind, string> = {
  experiment: "experiments",
  run: "runs",
  logged_model: "logged_models",
  model: "registered_models",
  model_version: "model_versions",
};
const NAME: Partial<Record<TrashKind, SQL>> = { model_version: sql`'version ' || version` };

/** The thing, locked, if it is in the trash. @throws AppError `not_found` */
async function lockTrashed(tx: Tx, scope: Scope, { kind, id }: TrashRef): Promise<Trashed> {
  const [row] = await tx.execute<Trashed>(sql`
    select ${NAME[kind] ?? sql`name`} as name from ${sql.raw(TABLE[kind])}
    where ${own(scope)} and id = ${id} and deleted_at is not null for update`);
  if (!row) throw notFound("Thing in the trash", id);
  return row;
}

/** @throws AppError `precondition_failed` naming a version whose files are those of the runs or logged models */
async function refuseWhileUsed(tx: Tx, scope: Scope, owners: SQL): Promise<void> {
  const user = await versionOfFiles(tx, scope, owners);
  if (user) {
    const message = `${user.model} version ${user.version} is registered from its files, and may be taken out of the trash. Delete that version for good first.`;
    throw new AppError("precondition_failed", message);
  }
}

/** Runs that `which` selects by id, with points, series, pyramids, links and files. */
async function removeRuns(tx: Tx, scope: Scope, counts: RowCounts, which: SQL): Promise<void> {
  const series = sql`select no from metric_series where ${own(scope)} and run_id in (${which})`;
  for (const table of ["metric_points", "metric_pyramids"])
    await remove(tx, counts, table, sql`team_id = ${scope.teamId} and series in (${series})`);
  for (const table of ["metric_series", "run_links", "logged_model_metrics"])
    await remove(tx, counts, table, sql`${own(scope)} and run_id in (${which})`);
  for (const table of ["artifact_entries", "artifact_uploads"])
    await remove(tx, counts, table, sql`${own(scope)} and owner_id in (${which})`);
  await tx.execute(sql`update runs set parent_id = null where ${own(scope)} and parent_id in (${which})`);
  await remove(tx, counts, "runs", sql`${own(scope)} and id in (${which})`);
}

async function removeLoggedModels(tx: Tx, scope: Scope, counts: RowCounts, which: SQL): Promise<void> {
  await remove(tx, counts, "logged_model_metrics", sql`${own(scope)} and model_id in (${which})`);
  await remove(tx, counts, "run_links", sql`${own(scope)} and kind <> 'input_dataset' and target_id in (${which})`);
  for (const table of ["artifact_entries", "artifact_uploads"])
    await remove(tx, counts, table, sql`${own(scope)} and owner_id in (${which})`);
  await remove(tx, counts, "logged_models", sql`${own(scope)} and id in (${which})`);
}

async function removeVersions(tx: Tx, scope: Scope, counts: RowCounts, which: SQL): Promise<void> {
  const [used] = await tx.execute<{ name: string }>(sql`
    select d.name from deployments d where d.team_id = ${scope.teamId} and d.project_id = ${scope.projectId}
      and exists (select 1 from model_versions v where v.team_id = d.team_id and v.id in (${which}) and (
        v.id = d.routing->>'champion' or v.id = d.routing->'candidate'->>'versionId' or d.routing->'shadows' ? v.id
        or exists (select 1 from rollouts r where r.team_id = d.team_id and r.deployment_id = d.id and (r.candidate_id = v.id or r.champion_id = v.id))))
    limit 1`);
  if (used) {
    const message = `The deployment ${used.name} serves it or has served it: what it predicted is traced to it, so it stays.`;
    throw new AppError("precondition_failed", message);
  }
  for (const table of ["model_attestations", "gate_results", "approvals", "model_aliases"])
    await remove(tx, counts, table, sql`${own(scope)} and version_id in (${which})`);
  await remove(tx, counts, "model_versions", sql`${own(scope)} and id in (${which})`);
}

async function removeModel(tx: Tx, scope: Scope, counts: RowCounts, id: string): Promise<void> {
  const [used] = await tx.execute<{ name: string }>(
    sql`select name from deployments where ${own(scope)} and model_id = ${id} limit 1`,
  );
  if (used)
    throw new AppError("precondition_failed", `The deployment ${used.name} is of this model. Delete that first.`);
  await removeVersions(tx, scope, counts, sql`select id from model_versions where ${own(scope)} and model_id = ${id}`);
  for (const table of ["alias_moves", "approvals", "approval_rules", "model_aliases"])
    await remove(tx, counts, table, sql`${own(scope)} and model_id = ${id}`);
  await remove(tx, counts, "registered_models", sql`${own(scope)} and id = ${id}`);
}

/** Tracked datasets that no run names any more. */
async function removeUnusedDatasets(tx: Tx, scope: Scope, counts: RowCounts, runs: SQL): Promise<void> {
  await remove(
    tx,
    counts,
    "tracked_datasets",
    sql`${own(scope)} and id in (select target_id from run_links where ${own(scope)} and kind = 'input_dataset' and run_id in (${runs}))
      and not exists (select 1 from run_links l where l.team_id = tracked_datasets.team_id and l.target_id = tracked_datasets.id
        and l.project_id = tracked_datasets.project_id and l.run_id not in (${runs}))`,
  );
}

/** Runs of an experiment are deleted so many at a time before the experiment itself. */
const RUNS_AT_ONCE = 100;

/**
 * {@link purge} in transactions of its own: the runs of a large experiment go in batches, so that nothing is locked for long. Killed in
 * between, the rest is still in the trash.
 */
export async function purgeInSteps(db: Database, scope: Scope, ref: TrashRef): Promise<RowCounts> {
  const counts: RowCounts = {};
  if (ref.kind === "experiment") {
    const runs = sql`select id from runs where ${own(scope)} and experiment_id = ${ref.id}`;
    const models = sql`select id from logged_models where ${own(scope)} and experiment_id = ${ref.id}`;
    for (let more = true; more; ) {
      more = await withTenant(db, scope.teamId, async (tx) => {
        await lockTrashed(tx, scope, ref);
        await refuseWhileUsed(tx, scope, runs);
        await refuseWhileUsed(tx, scope, models);
        const batch = await tx.execute<{ id: string }>(sql`${runs} limit ${RUNS_AT_ONCE}`);
        if (batch.length < RUNS_AT_ONCE) return false;
        const ids = sql.join(
          batch.map(({ id }) => sql`${id}`),
          sql`, `,
        );
        await removeUnusedDatasets(tx, scope, counts, ids);
        await removeRuns(tx, scope, counts, ids);
        return true;
      });
    }
  }
  addCounts(counts, await withTenant(db, scope.teamId, (tx) => purge(tx, scope, ref)));
  return counts;
}

/**
 * Deletes things in the trash for good, each by itself, and asks the worker to free their bytes. What cannot be deleted is said with
 * the reason and stays. @throws AppError of {@link purge} when one thing alone was asked for
 */
export async function purgeMany(
  db: Database,
  scope: Scope,
  refs: TrashRef[],
): Promise<{
  purged: number;
  rows: RowCounts;
  refused: (TrashRef & { reason: string; code: string })[];
  reportId: string | null;
}> {
  const rows: RowCounts = {};
  const refused: (TrashRef & { reason: string; code: string })[] = [];
  for (const ref of refs) {
    try {
      addCounts(rows, await purgeInSteps(db, scope, ref));
    } catch (error) {
      // One thing alone is answered with its own reason.
      if (!isAppError(error) || refs.length === 1) throw error;
      refused.push({ ...ref, reason: error.publicMessage, code: error.code });
    }
  }
  const purged = refs.length - refused.length;
  const reportId =
    purged === 0
      ? null
      : await withTenant(db, scope.teamId, (tx) => requestCleanUp(tx, scope, { cause: "purge", purged, rows }));
  return { purged, rows, refused, reportId };
}

/**
 * Deletes something in the trash for good, with all that is its own: points, series, pyramids, links, file names (their bytes are
 * freed by the collection of garbage). Returns the rows deleted. @throws AppError `not_found` when it is not in the trash,
 * `precondition_failed` when something outside the trash rests on it
 */
export async function purge(tx: Tx, scope: Scope, ref: TrashRef): Promise<RowCounts> {
  const { name } = await lockTrashed(tx, scope, ref);
  const counts: RowCounts = {};
  const self = sql`select ${ref.id}::text`;
  if (ref.kind === "run") {
    await refuseWhileUsed(tx, scope, self);
    await removeUnusedDatasets(tx, scope, counts, self);
    await removeRuns(tx, scope, counts, self);
  } else if (ref.kind === "logged_model") {
    await refuseWhileUsed(tx, scope, self);
    await removeLoggedModels(tx, scope, counts, self);
  } else if (ref.kind === "model") await removeModel(tx, scope, counts, ref.id);
  else if (ref.kind === "model_version") await removeVersions(tx, scope, counts, self);
  else {
    const runs = sql`select id from runs where ${own(scope)} and experiment_id = ${ref.id}`;
    const models = sql`select id from logged_models where ${own(scope)} and experiment_id = ${ref.id}`;
    await refuseWhileUsed(tx, scope, runs);
    await refuseWhileUsed(tx, scope, models);
    await removeLoggedModels(tx, scope, counts, models);
    await removeUnusedDatasets(tx, scope, counts, runs);
    await removeRuns(tx, scope, counts, runs);
    await remove(tx, counts, "experiments", sql`${own(scope)} and id = ${ref.id}`);
  }
  await audit(tx, scope, { action: `${ref.kind}.purge`, subject: ref.id, detail: { name, rows: counts } });
  return counts;
}
