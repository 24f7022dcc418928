import type { Scope } from "@ballast/core";
import { isoDay } from "@ballast/core";
import type { RunArtifact } from "@ballast/db";
import { type TrainingSet, trainingSet } from "@ballast/features/server";
import type { LoadTrainingRows } from "@ballast/training/server";
import type { WorkerContext } from "./context.ts";

/** Training's rows come from the feature store; incidents that block rows are training's own check, made before and after. */
export function trainingRowsOf(context: WorkerContext): LoadTrainingRows {
  return async (scope: Scope, { spec, from, to }) => {
    const set = await trainingSet(context, scope, { spec, from: +from, to: +to, asOf: +to, blockedRanges: [] });
    const { rows, featureNames, features, label, times } = set;
    return { rows, featureNames, features, label, time: times, inputs: inputsOf(set, spec.source) };
  };
}

function inputsOf(set: TrainingSet, source: string): RunArtifact[] {
  const { datasetRows, streamRows } = set.origin;
  const versions = set.datasetVersions.map(({ id, label }): RunArtifact => ({ kind: "dataset_version", id, label, detail: { rows: datasetRows } }));
  const views = set.featureViews.map(({ id, name, version }): RunArtifact => ({ kind: "feature_view", id, label: `${name} v${version}`, detail: { name, version } }));
  const range = set.range ? `${isoDay(set.range.from)} to ${isoDay(set.range.to)}` : "no rows";
  const stream: RunArtifact[] = streamRows > 0 ? [{ kind: "stream", id: source, label: `${source}, ${range}`, detail: { rows: streamRows } }] : [];
  return [...versions, ...views, ...stream];
}
