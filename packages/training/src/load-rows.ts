import { isoDay } from "@ballast/core";
import { acceptedVersions, getDataset, identifier, type LogDeps, parquet, sourceRows } from "@ballast/datasets/server";
import type { RunArtifact } from "@ballast/db";
import { type TrainingSet, trainingSet } from "@ballast/features/server";
import type { CountRows } from "./row-bounds.ts";
import type { LoadTrainingRows } from "./training-rows.ts";

/**
 * Rows by the point-in-time join of the feature store. Nothing that was known after the range is read, whatever has arrived
 * meanwhile, so that a job gives the same rows whenever it runs.
 */
export function loadTrainingRows(deps: LogDeps): LoadTrainingRows {
  return async (scope, { spec, from, to, blockedRanges }) => {
    const set = await trainingSet(deps, scope, {
      spec,
      from: from.getTime(),
      to: to.getTime(),
      asOf: to.getTime(),
      blockedRanges: blockedRanges.map((range) => ({
        ...range,
        from: range.from.getTime(),
        to: range.to?.getTime() ?? null,
      })),
    });
    const { rows, featureNames, features, label, times } = set;
    return { rows, featureNames, features, label, time: times, inputs: inputsOf(set, spec.source) };
  };
}

/**
 * Counts a request's rows in the files themselves (one column of each), for whoever has DuckDB at hand: a reservation as small as
 * the rows allow. Still a bound: where the dataset goes on after the stream has begun, both sides count.
 */
export function countTrainingRows(deps: LogDeps): CountRows {
  return async (tx, scope, { spec, from, to }) => {
    const dataset = await getDataset(tx, scope, spec.dataset);
    const [version] = await acceptedVersions(tx, scope, dataset.id);
    const time = identifier(spec.knownAt);
    // (from, to] in whole milliseconds.
    const range = { from: from.getTime() + 1, to: to.getTime() + 1 };
    const stream = await sourceRows(deps, scope, { ...range, source: spec.source, column: spec.knownAt, columns: {} });
    const relations = [stream];
    if (version?.digest) {
      relations.push(
        `(FROM ${await parquet(deps, [version.digest])} WHERE ${time} >= ${range.from} AND ${time} < ${range.to})`,
      );
    }
    const counts = await Promise.all(
      relations.map((relation) => deps.duck.all<{ n: number }>(`SELECT count(${time}) AS n FROM ${relation}`)),
    );
    return counts.reduce((sum, rows) => sum + (rows[0]?.n ?? 0), 0);
  };
}

function inputsOf(set: TrainingSet, source: string): RunArtifact[] {
  const inputs: RunArtifact[] = set.datasetVersions.map(({ id, label }) => ({
    ...{ kind: "dataset_version" as const, id, label },
    detail: { rows: set.origin.datasetRows },
  }));
  for (const view of set.featureViews) {
    inputs.push({ kind: "feature_view", id: view.id, label: `${view.name} v${view.version}` });
  }
  if (set.origin.streamRows > 0 && set.range) {
    // Where the dataset gave the oldest rows, the range's start is not the stream's.
    const from = set.origin.datasetRows > 0 ? "" : `${isoDay(set.range.from)} `;
    const label = `${source}, ${from}to ${isoDay(set.range.to)}`;
    const detail = { rows: set.origin.streamRows, from: set.range.from, to: set.range.to };
    inputs.push({ kind: "stream", id: source, label, detail });
  }
  return inputs;
}
