import { AppError } from "@ballast/core";
import type { FeatureBinding, FeatureViewDefinition } from "@ballast/db";
import {
  type CompiledBindings,
  compileBindings,
  type NeededColumn,
  type OnlineFeatureStore,
  rulesFor,
} from "@ballast/features";
import type { BatchQueue } from "../inference/batch-queue.ts";
import type { LoadedModel } from "../inference/model-cache.ts";
import type { ModelSpec } from "../inference/model-spec.ts";
import type { RunLimits } from "../inference/worker-pool.ts";
import type { DeploymentSnapshot, ProjectSnapshot, VersionSnapshot, ViewSnapshot } from "../sync/snapshot.ts";
import type { ArmMetrics } from "./arm-metrics.ts";
import type { PredictionJob } from "./prediction-job.ts";

export type Role = "champion" | "candidate";

/** A version as one deployment serves it. */
export interface Arm {
  version: VersionSnapshot;
  model: LoadedModel;
  bindings: CompiledBindings;
  /** Requests this version answers: batches on the serving thread, or in the pool. */
  queue: BatchQueue<PredictionJob>;
  /** For batches too large for the serving thread; the same as `queue` for a model that never runs there. */
  largeQueue: BatchQueue<PredictionJob>;
  /** Rows scored at once where this version does not answer, and the limits of such a run in the pool. */
  shadowBatchRows: number;
  shadowLimits: RunLimits;
  metrics: Record<Role, ArmMetrics>;
  /** The constant middle of a prediction's journal record, by role. */
  recordMiddle: Record<Role, string>;
  /** The constant pieces of an answer to one row, by role; see `oneRowAnswer`. */
  answerPieces: Record<Role, AnswerPieces>;
}

/** Before the request id, between it and the prediction id, between that and the prediction. */
export interface AnswerPieces {
  head: string;
  middle: string;
  tail: string;
}

/** A deployment ready to serve. Immutable: a route change makes a new one. */
export interface DeploymentPlan {
  snapshot: DeploymentSnapshot;
  champion: Arm | null;
  candidate: Arm | null;
  shadows: Arm[];
  /** What to score beside an answer of each role. */
  beside: Record<Role, Arm[]>;
  /** Newest conversion revision of the project, 0 for none: what is known, whether it applies here or not. */
  conversionRevision: number;
}

/** `view` as the online store and error messages name it: definitions are versioned. */
export function viewKey(name: string, version: number): string {
  return `${name}@${version}`;
}

/** Every definition under its versioned name. */
export function versionedViews(views: readonly ViewSnapshot[]): FeatureViewDefinition[] {
  return views.map(({ name, version, definition }) => ({ ...definition, name: viewKey(name, version) }));
}

/** The newest version number of each view. */
export function newestViews(views: readonly ViewSnapshot[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { name, version } of views) newest.set(name, Math.max(version, newest.get(name) ?? version));
  return newest;
}

/**
 * A version's bindings compiled for a deployment: to the views it was trained with, or the newest where its lineage names
 * none, and with the conversions of what that deployment's callers send.
 */
export function compileVersion(
  deploymentId: string,
  version: VersionSnapshot,
  project: ProjectSnapshot,
  store: OnlineFeatureStore,
): CompiledBindings {
  const newest = newestViews(project.views);
  const bindings: FeatureBinding[] = version.serving.features.map((binding) => {
    const number = version.views[binding.view] ?? newest.get(binding.view);
    return number === undefined ? binding : { ...binding, view: viewKey(binding.view, number) };
  });
  const rules = rulesFor(project.conversions, { deployment: deploymentId });
  return compileBindings(versionedViews(project.views), bindings, store, rules);
}

export function modelSpec(version: VersionSnapshot): ModelSpec {
  const { tensor, output, features } = version.serving;
  return { digest: version.digest, tensor, output, width: features.length };
}

/** Request columns a deployment reads, those of the champion first, then those its routing needs. */
export function requestColumns(plan: DeploymentPlan): NeededColumn[] {
  const columns = new Map<string, NeededColumn>();
  for (const arm of [plan.champion, plan.candidate]) {
    for (const column of arm?.bindings.columns ?? []) if (!columns.has(column.name)) columns.set(column.name, column);
  }
  const { timeColumn, assignmentColumn } = plan.snapshot;
  if (timeColumn !== null && !columns.has(timeColumn)) columns.set(timeColumn, { name: timeColumn, type: "time" });
  if (assignmentColumn !== null && !columns.has(assignmentColumn)) {
    columns.set(assignmentColumn, { name: assignmentColumn, type: "key" });
  }
  return [...columns.values()];
}

/** The plan of a deployment from arms that are loaded. Throws `not_found` for a routed version without an arm. */
export function planDeployment(
  snapshot: DeploymentSnapshot,
  armOf: (versionId: string) => Arm | undefined,
  conversionRevision: number,
): DeploymentPlan {
  const arm = (id: string): Arm => {
    const found = armOf(id);
    if (!found)
      throw new AppError("not_found", `Deployment "${snapshot.name}" routes to version ${id}, which does not exist.`);
    return found;
  };
  const { routing } = snapshot;
  const champion = routing.champion === null ? null : arm(routing.champion);
  const candidate = routing.candidate === null ? null : arm(routing.candidate.versionId);
  const shadows = routing.shadows
    .filter((id) => id !== routing.champion && id !== routing.candidate?.versionId)
    .map(arm);
  const but = (answering: Arm | null) =>
    [champion, candidate, ...shadows].filter((other) => other !== null && other !== answering) as Arm[];
  return {
    snapshot,
    champion,
    candidate,
    shadows,
    beside: { champion: but(champion), candidate: but(candidate) },
    conversionRevision,
  };
}
