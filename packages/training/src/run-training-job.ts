import type { ArtifactStore } from "@ballast/artifacts";
import { AppError, createLogger, isAppError, type Scope } from "@ballast/core";
import { type Database, reservations, withTenant } from "@ballast/db";
import { logInputs, logParams } from "@ballast/experiments/server";
import { amountOf, currentRateCard, moneyText, trainingMeter } from "@ballast/finops/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { and, eq } from "drizzle-orm";
import { codeVersion } from "./code-version.ts";
import { concludeTraining, storeOutputs } from "./conclude-training.ts";
import {
  type Attempt,
  beginAttempt,
  closeRun,
  endUnsuccessfully,
  lockJob,
  noteInterruption,
  stillMine,
  writeProgress,
} from "./job-state.ts";
import { servingTensors } from "./pipelines.ts";
import { type BlockedRanges, openUnitIncidents } from "./row-bounds.ts";
import { trainInThread } from "./run-in-thread.ts";
import { type RowSplit, splitRows } from "./split-rows.ts";
import type { ThreadPluginSource, ThreadResult } from "./thread-messages.ts";
import { type LoadTrainingRows, sliceRows, type TrainingRows } from "./training-rows.ts";

export interface TrainingDeps {
  db: Database;
  artifacts: ArtifactStore;
  plugins: PluginHost;
  /** How a training thread opens the same plugins; see `pluginSource` of `@ballast/marketplace/server`. */
  pluginSource: ThreadPluginSource;
  /** In the worker: `loadTrainingRows({ db, artifacts, duck })`. */
  loadRows: LoadTrainingRows;
  /** Default: open unit incidents. */
  blockedRanges?: BlockedRanges;
  /** Stops the work when the worker shuts down; the job stays `running` and is started again. */
  signal?: AbortSignal;
  /** Longest one training may compute, milliseconds. Default 15 minutes. */
  timeoutMs?: number;
}

export type TrainingOutcome =
  | { state: "succeeded"; versionId: string }
  | { state: "failed"; reason: string }
  /** Nothing was done: the job had ended, ended unstarted, or another attempt has taken it over. */
  | { state: "skipped" };

/** Equal rows and parameters give equal models. */
const SEED = 1;
const DEFAULT_TIMEOUT_MS = 15 * 60_000;
/** Least wall milliseconds between two writes of progress. */
const PROGRESS_EVERY_MS = 500;

const log = createLogger("training");

/**
 * Runs a queued job to its end: rows, split, training in a thread, metrics and ONNX parity on the held-out rows, artifacts, and then
 * in one transaction the version, the run, the charge, the job's state and `training.succeeded`. Killed at any instant and called again
 * it starts from the first step; whatever was not in that last transaction did not happen, so nothing is charged or registered twice.
 * A failure of the training ends the job; a failure of the platform (database away, worker stopping) is thrown, to be tried again.
 */
export async function runTrainingJob(deps: TrainingDeps, scope: Scope, jobId: string): Promise<TrainingOutcome> {
  const blockedRanges = blockedRangesOf(deps);
  const version = await codeVersion();
  const attempt = await withTenant(deps.db, scope.teamId, (tx) =>
    beginAttempt(tx, scope, jobId, { blockedRanges, codeVersion: version }),
  );
  if (!attempt) return { state: "skipped" };
  try {
    return await work(deps, scope, attempt);
  } catch (error) {
    if (isTrainingsOwn(error)) return fail(deps, scope, attempt, error);
    // Best effort: where the database is what failed, the next attempt knows no more than that this one did not end.
    await withTenant(deps.db, scope.teamId, (tx) => noteInterruption(tx, scope, attempt, reasonOf(error))).catch(
      () => {},
    );
    throw error;
  }
}

const blockedRangesOf = (deps: TrainingDeps): BlockedRanges => deps.blockedRanges ?? openUnitIncidents;

async function work(deps: TrainingDeps, scope: Scope, attempt: Attempt): Promise<TrainingOutcome> {
  const { job, pipeline } = attempt;
  const report = progressWriter(deps.db, scope, attempt);
  report({ step: "rows", done: 0, total: 1 });
  const rows = await deps.loadRows(scope, {
    ...{ spec: pipeline.spec, from: job.from, to: job.to },
    blockedRanges: await withTenant(deps.db, scope.teamId, (tx) => blockedRangesOf(deps)(tx, scope)),
  });
  const split = splitRows(rows.time, pipeline.spec.validationShare, pipeline.spec.testShare);
  await checkAgainstReservation(deps, scope, attempt, split);
  await withTenant(deps.db, scope.teamId, (tx) => logInputs(tx, scope, attempt.run.id, rows.inputs));
  const started = performance.now();
  const result = await train(deps, attempt, rows, split, report);
  const seconds = (performance.now() - started) / 1_000;
  await withTenant(deps.db, scope.teamId, (tx) =>
    logParams(tx, scope, attempt.run.id, { ...result.params, seed: SEED }),
  );
  report({ step: "register", done: 0, total: 1 });
  const stored = await storeOutputs(deps.artifacts, attempt, { rows, split, result, seconds });
  await report.settled();
  const versionId = await withTenant(deps.db, scope.teamId, (tx) =>
    concludeTraining(tx, scope, attempt, stored, blockedRangesOf(deps)),
  );
  return versionId === null ? { state: "skipped" } : { state: "succeeded", versionId };
}

function train(
  deps: TrainingDeps,
  attempt: Attempt,
  rows: TrainingRows,
  split: RowSplit,
  report: (progress: { step: string; done: number; total: number }) => void,
): Promise<ThreadResult> {
  const { job, pipeline } = attempt;
  const { spec } = pipeline;
  const hasValidation = split.test > split.validation;
  const { rows: testRows, features } = sliceRows(rows, split.test, split.rows);
  return trainInThread(
    {
      ...{ plugins: deps.pluginSource, trainer: spec.trainer, task: spec.task, seed: SEED },
      train: sliceRows(rows, 0, split.validation),
      validation: hasValidation ? sliceRows(rows, split.validation, split.test) : null,
      test: { rows: testRows, features },
      params: { ...spec.params, ...job.params },
      ...servingTensors(spec.task),
    },
    {
      onProgress: ({ done, total }) => report({ step: "train", done, total }),
      timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      ...(deps.signal ? { signal: deps.signal } : {}),
    },
  );
}

/** The reservation was made for a bound on the rows; more rows than that are not trained on, since nobody admitted their cost. */
async function checkAgainstReservation(
  deps: TrainingDeps,
  scope: Scope,
  attempt: Attempt,
  split: RowSplit,
): Promise<void> {
  const { job, pipeline } = attempt;
  const { reservationId } = job;
  if (!reservationId) return;
  const params = { ...pipeline.spec.params, ...job.params };
  const features = pipeline.spec.features.length;
  const { unit, worstCase } = deps.plugins
    .trainer(pipeline.spec.trainer)
    .estimate({ rows: split.validation, features, params });
  await withTenant(deps.db, scope.teamId, async (tx) => {
    const [reservation] = await tx
      .select()
      .from(reservations)
      .where(
        and(
          eq(reservations.teamId, scope.teamId),
          eq(reservations.projectId, scope.projectId),
          eq(reservations.id, reservationId),
        ),
      );
    if (!reservation) throw new AppError("internal", `reservation ${reservationId} of ${job.id} is gone`);
    const card = await currentRateCard(tx, scope, reservation.createdAt);
    const needed = amountOf(card, trainingMeter(unit), worstCase);
    if (needed <= reservation.amountMicros) return;
    throw new AppError(
      "budget_exceeded",
      `${split.rows} rows were found, more than were admitted: worst case ${moneyText(needed, card.currency)}, reserved ${moneyText(reservation.amountMicros, card.currency)}. Ask for the training again.`,
    );
  });
}

/** True for what the training itself got wrong; false for trouble of the platform, which another attempt may not meet. */
function isTrainingsOwn(error: unknown): boolean {
  return (
    isAppError(error) && error.code !== "internal" && error.code !== "unavailable" && error.code !== "storage_full"
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function fail(deps: TrainingDeps, scope: Scope, attempt: Attempt, error: unknown): Promise<TrainingOutcome> {
  const reason = reasonOf(error);
  const ended = await withTenant(deps.db, scope.teamId, async (tx) => {
    const job = await lockJob(tx, scope, attempt.job.id);
    if (!stillMine(job, attempt.job.attempts)) return false;
    await closeRun(tx, scope, { runId: attempt.run.id, state: "failed", error: reason });
    await endUnsuccessfully(tx, scope, job, attempt.pipeline, "failed", reason);
    return true;
  });
  return ended ? { state: "failed", reason } : { state: "skipped" };
}

type Progress = { step: string; done: number; total: number };

/** Writes progress now and then, never two writes at once; a write that fails is logged and costs the training nothing. */
function progressWriter(db: Database, scope: Scope, attempt: Attempt) {
  let writing: Promise<void> = Promise.resolve();
  let idle = true;
  let last = Number.NEGATIVE_INFINITY;
  let step = "";
  const report = (progress: Progress) => {
    const now = performance.now();
    const due = now - last >= PROGRESS_EVERY_MS || progress.step !== step;
    if (!idle || !due) return;
    [last, step, idle] = [now, progress.step, false];
    writing = withTenant(db, scope.teamId, (tx) => writeProgress(tx, scope, attempt, progress))
      .catch((error: unknown) => log.warn("progress was not written", { jobId: attempt.job.id, error }))
      .finally(() => {
        idle = true;
      });
  };
  return Object.assign(report, { settled: () => writing });
}
