import type { ArtifactStore, StoredArtifact } from "@ballast/artifacts";
import { recordArtifact } from "@ballast/artifacts/server";
import { AppError, DAY_MS, dayStart, type Scope } from "@ballast/core";
import { deployments, emit, type RunArtifact, type Tx } from "@ballast/db";
import { finishRun } from "@ballast/experiments/server";
import { type Charge, commit, trainingMeter } from "@ballast/finops/server";
import { PARITY_SAMPLE_LABEL, type ParitySample } from "@ballast/registry";
import { type InspectedModel, insertModelVersion, inspectModel } from "@ballast/registry/server";
import { and, eq } from "drizzle-orm";
import { heldOutMetrics, mean } from "./held-out-metrics.ts";
import { type Attempt, endSuccessfully, lockJob, stillMine } from "./job-state.ts";
import { servingTensors } from "./pipelines.ts";
import { type BlockedRanges, firstBlocked } from "./row-bounds.ts";
import { largestDifference } from "./score-onnx.ts";
import type { RowSplit } from "./split-rows.ts";
import type { ThreadResult } from "./thread-messages.ts";
import { sampleRows, type TrainingRows } from "./training-rows.ts";

/** Rows a gate scores again to see that the stored model answers as its trainer did. */
const PARITY_SAMPLE_ROWS = 256;

interface Trained {
  rows: TrainingRows;
  split: RowSplit;
  result: ThreadResult;
  seconds: number;
}
/** A training whose bytes rest in the artifact store and whose model was read back and checked. */
export interface StoredTraining extends Trained {
  inspected: InspectedModel;
  metrics: Record<string, number>;
  outputs: RunArtifact[];
  /** What was put for it: it becomes the team's own with the version. */
  files: StoredArtifact[];
}

/**
 * Measures the model on the held-out rows and stores it with a sample of the trainer's own predictions. Content-addressed, so a second
 * attempt stores nothing twice. @throws AppError `unprocessable` when the stored model cannot be read back
 */
export async function storeOutputs(
  artifacts: ArtifactStore,
  attempt: Attempt,
  trained: Trained,
): Promise<StoredTraining> {
  const { rows, split, result, seconds } = trained;
  const model = await artifacts.put(result.onnx);
  const held = { rows: split.rows - split.test, features: rows.features.map((column) => column.subarray(split.test)) };
  const sample: ParitySample = sampleRows(held, result.testPredictions, PARITY_SAMPLE_ROWS);
  const parity = await artifacts.put(Buffer.from(JSON.stringify(sample)));
  const metrics = {
    ...prefixedTrainerMetrics(result.metrics),
    ...heldOutMetrics(
      attempt.pipeline.spec.task,
      result.testPredictions,
      rows.label.subarray(split.test),
      mean(rows.label.subarray(0, split.test)),
    ),
    rows_train: split.validation,
    rows_validation: split.test - split.validation,
    rows_test: split.rows - split.test,
    // A difference that is no number is as bad as none can be, and JSON has no infinity.
    onnx_parity_max_abs: Math.min(Number.MAX_VALUE, largestDifference(result.testPredictions, result.onnxPredictions)),
    train_seconds: seconds,
  };
  const importance = result.featureImportance;
  const outputs: RunArtifact[] = [
    {
      kind: "artifact",
      id: model.digest,
      label: "model.onnx",
      detail: { bytes: model.size, featureImportance: importance },
    },
    { kind: "artifact", id: parity.digest, label: PARITY_SAMPLE_LABEL, detail: { rows: sample.predictions.length } },
  ];
  return {
    ...trained,
    inspected: await inspectModel(artifacts, model.digest),
    metrics,
    outputs,
    files: [model, parity],
  };
}

/** The trainer's own figures, apart from those of the held-out rows. */
function prefixedTrainerMetrics(metrics: Record<string, number>): Record<string, number> {
  const finite = Object.entries(metrics).filter(([, value]) => Number.isFinite(value));
  return Object.fromEntries(finite.map(([name, value]) => [`trainer_${name}`, value]));
}

/**
 * All that a finished training changes, in the caller's transaction: version, charge, run, job, event. Answers the version's id, or
 * null when another attempt has taken the job over: then nothing is written.
 */
export async function concludeTraining(
  tx: Tx,
  scope: Scope,
  attempt: Attempt,
  stored: StoredTraining,
  blockedRanges: BlockedRanges,
): Promise<string | null> {
  const job = await lockJob(tx, scope, attempt.job.id);
  if (!stillMine(job, attempt.job.attempts)) return null;
  const blocked = firstBlocked(await blockedRanges(tx, scope), job.from, job.to);
  if (blocked) {
    throw new AppError(
      "precondition_failed",
      `Incident ${blocked.incidentId} was opened over its rows while it trained: ${blocked.title}. The model is not registered and nothing is charged.`,
      { details: { incidentId: blocked.incidentId } },
    );
  }
  for (const file of stored.files) await recordArtifact(tx, scope.teamId, file);
  const version = await insertModelVersion(tx, scope, stored.inspected, registration(attempt, stored));
  const deploymentId = await deploymentIdOf(tx, scope, attempt.pipeline.spec.deploymentName);
  const charge = chargeOf(attempt, stored, version.id, deploymentId);
  const paid = job.reservationId
    ? await commit(tx, scope, { reservationId: job.reservationId, charges: [charge] })
    : null;
  const label = `${attempt.pipeline.spec.modelName} v${version.version}`;
  const outputs: RunArtifact[] = [...stored.outputs, { kind: "model_version", id: version.id, label }];
  const metrics = { ...stored.metrics, cost_micros: paid?.committedMicros ?? 0 };
  await finishRun(tx, scope, { runId: attempt.run.id, state: "finished", metrics, outputs });
  await endSuccessfully(tx, scope, job.id, version.id);
  await emit(tx, scope, {
    name: "training.succeeded",
    subject: job.id,
    summary: `${label} trained on ${stored.split.validation} rows (${job.cause}), judged on the newest ${stored.metrics.rows_test}: ${figures(stored.metrics)}`,
    data: {
      ...{ jobId: job.id, runId: attempt.run.id, versionId: version.id, version: version.version },
      ...{ deployment: attempt.pipeline.spec.deploymentName, deploymentId, plan: job.plan, cause: job.cause },
      metrics: stored.metrics,
    },
    eventTime: job.eventTime,
  });
  return version.id;
}

function figures(metrics: Record<string, number>): string {
  const shown = ["auc", "brier", "rmse"].filter((name) => metrics[name] !== undefined);
  return shown.map((name) => `${name} ${(metrics[name] as number).toFixed(4)}`).join(", ");
}

function registration(attempt: Attempt, { inspected, metrics, rows }: StoredTraining) {
  const { job, pipeline, run } = attempt;
  const datasetVersions = rows.inputs.filter((input) => input.kind === "dataset_version");
  return {
    modelName: pipeline.spec.modelName,
    onnxDigest: inspected.digest,
    serving: { ...servingTensors(pipeline.spec.task), features: pipeline.spec.features },
    lineage: {
      runId: run.id,
      trainingJobId: job.id,
      datasetVersions: datasetVersions.map(({ id, label }) => ({ id, label })),
      trainedFrom: job.from.toISOString(),
      trainedTo: job.to.toISOString(),
      codeVersion: run.codeVersion,
    },
    metrics,
    cause: job.cause,
    description: "",
    eventTime: job.eventTime,
  };
}

/** The work done, charged to the event day on which it was asked for. */
function chargeOf(
  attempt: Attempt,
  { result }: StoredTraining,
  modelVersionId: string,
  deploymentId: string | null,
): Charge {
  const { job } = attempt;
  const { unit, quantity } = result.usage;
  if (!(quantity >= 0) || !Number.isFinite(quantity)) {
    throw new AppError(
      "unprocessable",
      `The trainer metered ${quantity} ${unit}; a finite amount of at least 0 is needed.`,
    );
  }
  const day = dayStart((job.eventTime ?? job.to).getTime());
  return {
    ...{ meter: trainingMeter(unit), quantity, subject: job.id, modelVersionId },
    ...(deploymentId ? { deploymentId } : {}),
    from: new Date(day),
    to: new Date(day + DAY_MS),
  };
}

async function deploymentIdOf(tx: Tx, scope: Scope, name: string): Promise<string | null> {
  const [row] = await tx
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(eq(deployments.teamId, scope.teamId), eq(deployments.projectId, scope.projectId), eq(deployments.name, name)),
    );
  return row?.id ?? null;
}
