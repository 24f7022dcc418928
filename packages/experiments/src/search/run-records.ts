import type { Scope } from "@ballast/core";
import { experiments, metricSeries, runLinks, runs, type Tx, trackedDatasets } from "@ballast/db";
import { and, eq, inArray, sql } from "drizzle-orm";
import { textArray } from "../pg-arrays.ts";
import type { RunLinks, TrackedDataset } from "../run-links.ts";
import type { RunRecord } from "../runs.ts";
import { lastMetrics, type SeriesSummary } from "../series.ts";

/**
 * The runs of these ids with all that is known of them but their histories and files, in the order of the ids. A dataset that many of them
 * read is one object, shared. For any number of runs a fixed number of statements.
 */
export async function runRecords(tx: Tx, scope: Scope, ids: readonly string[]): Promise<RunRecord[]> {
  if (ids.length === 0) return [];
  const [rows, names, series, links] = await Promise.all([
    tx
      .select()
      .from(runs)
      .where(
        and(
          eq(runs.teamId, scope.teamId),
          eq(runs.projectId, scope.projectId),
          sql`${runs.id} = any(${textArray(ids)})`,
        ),
      ),
    namesOfExperiments(tx, scope, ids),
    seriesByRun(tx, scope, ids),
    linksByRun(tx, scope, ids),
  ]);
  const byId = new Map(rows.map((run) => [run.id, run]));
  return ids.flatMap((id) => {
    const run = byId.get(id);
    if (!run) return [];
    const ofRun = series.get(id) ?? [];
    return {
      ...run,
      experiment: names.get(run.experimentId) ?? "",
      metrics: lastMetrics(ofRun),
      series: ofRun,
      links: links.get(id) ?? { datasets: [], inputModels: [], outputModels: [] },
    };
  });
}

async function namesOfExperiments(tx: Tx, scope: Scope, runIds: readonly string[]): Promise<Map<string, string>> {
  const of = tx
    .selectDistinct({ id: runs.experimentId })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), sql`${runs.id} = any(${textArray(runIds)})`));
  const rows = await tx
    .select({ id: experiments.id, name: experiments.name })
    .from(experiments)
    .where(
      and(
        eq(experiments.teamId, scope.teamId),
        eq(experiments.projectId, scope.projectId),
        inArray(experiments.id, of),
      ),
    );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** A value as JSON has it: what is no number there is a string. */
type Packed = [
  ...[key: string, last: number | string, step: number, at: number],
  ...[least: number | string | null, greatest: number | string | null, firstStep: number, received: number],
];

/** One row per run: ten thousand rows of small columns cost the driver more than the database. */
async function seriesByRun(tx: Tx, scope: Scope, ids: readonly string[]): Promise<Map<string, SeriesSummary[]>> {
  const s = metricSeries;
  const rows = await tx.execute<{ run: string; series: string }>(sql`
    select ${s.runId} as run, json_agg(json_build_array(${s.key}, ${s.last}, ${s.lastStep}, ${s.lastAt}, ${s.least}, ${s.greatest},
      ${s.firstStep}, ${s.received}))::text as series
    from ${s} where ${s.teamId} = ${scope.teamId} and ${s.projectId} = ${scope.projectId} and ${s.runId} = any(${textArray(ids)})
    group by ${s.runId}`);
  return new Map(rows.map(({ run, series }) => [run, (JSON.parse(series) as Packed[]).map(unpacked).sort(byKey)]));
}

const byKey = (a: SeriesSummary, b: SeriesSummary) => (a.key < b.key ? -1 : 1);

function unpacked([key, last, lastStep, lastAt, least, greatest, firstStep, received]: Packed): SeriesSummary {
  const orNull = (value: number | string | null) => (value === null ? null : Number(value));
  return {
    ...{ key, last: Number(last), lastStep, lastAt, least: orNull(least), greatest: orNull(greatest) },
    ...{ firstStep, received },
  };
}

async function linksByRun(tx: Tx, scope: Scope, ids: readonly string[]): Promise<Map<string, RunLinks>> {
  const found = new Map<string, RunLinks>();
  const links = await tx
    .select({
      ...{ runId: runLinks.runId, kind: runLinks.kind, targetId: runLinks.targetId },
      ...{ step: runLinks.step, tags: runLinks.tags },
    })
    .from(runLinks)
    .where(
      and(
        eq(runLinks.teamId, scope.teamId),
        eq(runLinks.projectId, scope.projectId),
        sql`${runLinks.runId} = any(${textArray(ids)})`,
      ),
    )
    .orderBy(runLinks.createdAt, runLinks.targetId);
  const read = links.filter(({ kind }) => kind === "input_dataset").map(({ targetId }) => targetId);
  const datasets = await datasetsById(tx, scope, [...new Set(read)]);
  for (const { runId, kind, targetId, step, tags } of links) {
    const ofRun = found.get(runId) ?? { datasets: [], inputModels: [], outputModels: [] };
    found.set(runId, ofRun);
    const dataset = datasets.get(targetId);
    if (kind === "input_model") ofRun.inputModels.push({ modelId: targetId });
    else if (kind === "output_model") ofRun.outputModels.push({ modelId: targetId, step });
    else if (dataset) ofRun.datasets.push({ dataset, tags });
  }
  return found;
}

async function datasetsById(tx: Tx, scope: Scope, ids: readonly string[]): Promise<Map<string, TrackedDataset>> {
  if (ids.length === 0) return new Map();
  const rows = await tx
    .select()
    .from(trackedDatasets)
    .where(
      and(
        eq(trackedDatasets.teamId, scope.teamId),
        eq(trackedDatasets.projectId, scope.projectId),
        sql`${trackedDatasets.id} = any(${textArray(ids)})`,
      ),
    );
  return new Map(rows.map((dataset) => [dataset.id, dataset]));
}
