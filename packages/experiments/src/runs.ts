import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { emit, experiments, type RunArtifact, runs, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq } from "drizzle-orm";
import { inBrief } from "./audit-detail.ts";
import { activeExperiment, DEFAULT_EXPERIMENT, ensureExperiment } from "./experiments.ts";
import { type RunState, runMetricsSchema, runParamsSchema } from "./index.ts";
import { writePoints } from "./metric-write.ts";
import { linksOfRun, type RunLinks } from "./run-links.ts";
import { lockActive, lockRun, oneRun } from "./run-lock.ts";
import { columnsOfTags, PARENT_RUN_TAG, RUN_NAME_TAG } from "./run-tags.ts";
import { lastMetrics, type SeriesSummary, seriesOfRuns } from "./series.ts";

export type Run = typeof runs.$inferSelect;
export type RunParams = Run["params"];

export interface StartRunInput {
  /** The experiment's name; made if there is none. Either this or `experimentId`. */
  experiment?: string;
  /** An active experiment. */
  experimentId?: string;
  name: string;
  params?: RunParams;
  tags?: Record<string, string>;
  inputs?: RunArtifact[];
  /** Version of the code that runs, e.g. a commit; else what the tag `mlflow.source.git.commit` says. */
  codeVersion?: string;
  eventTime?: Date | null;
  /** Default: now. */
  startedAt?: Date;
  /** The run it is nested in; else what the tag `mlflow.parentRunId` says. */
  parentId?: string | null;
  /** Default: the actor's name. */
  createdBy?: string;
}

/**
 * Starts a run in state `running`.
 * @throws AppError `not_found` for an experiment id that is not the project's; `conflict` for one in the trash
 */
export async function startRun(tx: Tx, scope: Scope, input: StartRunInput): Promise<Run> {
  const { id } =
    input.experimentId === undefined
      ? await ensureExperiment(tx, scope, input.experiment ?? DEFAULT_EXPERIMENT)
      : await activeExperiment(tx, scope, input.experimentId);
  const [run] = await tx
    .insert(runs)
    .values(newRun(scope, id, input))
    .returning();
  if (!run) throw new AppError("internal", "insert of a run returned no row");
  await audit(tx, scope, { action: "run.start", subject: run.id, detail: { name: run.name } });
  return run;
}

/** The row of a run that starts. */
export function newRun(scope: Scope, experimentId: string, input: StartRunInput): Run {
  const tags = input.tags ?? {};
  const told = columnsOfTags(tags);
  const startedAt = input.startedAt ?? new Date();
  return {
    teamId: scope.teamId,
    projectId: scope.projectId,
    id: newId("run"),
    experimentId,
    name: input.name,
    state: "running",
    params: checkParams(input.params ?? {}),
    tags,
    inputs: input.inputs ?? [],
    outputs: [],
    parentId: input.parentId ?? told.parentId ?? null,
    codeVersion: input.codeVersion ?? told.codeVersion ?? "",
    error: null,
    createdBy: input.createdBy ?? scope.actor.name,
    eventTime: input.eventTime ?? null,
    startedAt,
    endedAt: null,
    deletedAt: null,
  };
}

/** Adds parameters. @throws AppError `conflict` for one that is there with another value: a run is a record, not a draft */
export async function logParams(tx: Tx, scope: Scope, runId: string, params: RunParams): Promise<void> {
  const run = await lockRunning(tx, scope, runId);
  const changed = Object.keys(checkParams(params)).find(
    (k) => Object.hasOwn(run.params, k) && run.params[k] !== params[k],
  );
  if (changed !== undefined) {
    throw new AppError(
      "conflict",
      `params.${changed} was logged as ${JSON.stringify(run.params[changed])}; a parameter does not change within a run.`,
      { details: { field: `params.${changed}` } },
    );
  }
  await tx
    .update(runs)
    .set({ params: { ...run.params, ...params } })
    .where(oneRun(scope, runId));
}

/** Adds metrics, at step 0 and now; the last value of a name counts. @throws AppError `invalid_input` for NaN or ±∞, naming the metric */
export async function logMetrics(tx: Tx, scope: Scope, runId: string, metrics: Record<string, number>): Promise<void> {
  await lockRunning(tx, scope, runId);
  await writeMetrics(tx, scope, runId, metrics);
}

async function writeMetrics(tx: Tx, scope: Scope, runId: string, metrics: Record<string, number>): Promise<void> {
  const at = Date.now();
  const points = Object.entries(checkMetrics(metrics)).map(([key, value]) => ({ key, value, at, step: 0 }));
  await writePoints(tx, scope.teamId, [{ projectId: scope.projectId, runId, metrics: points }]);
}

/** Adds what the run read, e.g. once its rows are loaded. Repeats of a kind and id are dropped. */
export async function logInputs(tx: Tx, scope: Scope, runId: string, inputs: RunArtifact[]): Promise<void> {
  const run = await lockRunning(tx, scope, runId);
  await tx
    .update(runs)
    .set({ inputs: distinct([...run.inputs, ...inputs]) })
    .where(oneRun(scope, runId));
}

export interface FinishRunInput {
  runId: string;
  state: "finished" | "failed" | "killed";
  metrics?: Record<string, number>;
  outputs?: RunArtifact[];
  /** Why it failed, in words. */
  error?: string;
}

export interface UpdateRunInput {
  runId: string;
  state?: RunState;
  /** When it ended; default for a state in which it no longer runs: now. */
  endedAt?: Date;
  name?: string;
}

/**
 * Sets what the input names. Any state may follow any other: a client that resumes a run sets it running again, and then it has no end.
 * @throws AppError `not_found`; `conflict` for a run in the trash
 */
export async function updateRun(tx: Tx, scope: Scope, input: UpdateRunInput): Promise<Run> {
  const run = await lockActive(tx, scope, input.runId);
  const { state = run.state, name = run.name } = input;
  const runsOn = state === "running" || state === "scheduled";
  const endedAt = runsOn ? null : (input.endedAt ?? run.endedAt ?? new Date());
  const tags = input.name === undefined ? run.tags : { ...run.tags, [RUN_NAME_TAG]: name };
  const changed = { state, name, tags, endedAt };
  await tx.update(runs).set(changed).where(oneRun(scope, run.id));
  const { runId: subject, ...detail } = input;
  await audit(tx, scope, { action: "run.update", subject, detail });
  const updated = { ...run, ...changed };
  if (!runsOn && (run.state === "running" || run.state === "scheduled")) await tellEnd(tx, scope, updated);
  return updated;
}

/** For whoever listens: webhooks, lineage services. */
async function tellEnd(tx: Tx, scope: Scope, run: Run): Promise<void> {
  const data = { runId: run.id, experimentId: run.experimentId, state: run.state };
  await emit(tx, scope, { name: "run.ended", subject: run.id, summary: `Run ${run.name} ${run.state}`, data });
}

/** Sets tags; those of MLflow that name the run, its parent or its code set these too. @throws AppError `not_found`; `conflict` in the trash */
export async function tagRun(tx: Tx, scope: Scope, runId: string, tags: Record<string, string>): Promise<void> {
  const run = await lockActive(tx, scope, runId);
  await tx
    .update(runs)
    .set({ ...columnsOfTags(tags), tags: { ...run.tags, ...tags } })
    .where(oneRun(scope, runId));
  await audit(tx, scope, { action: "run.tag", subject: runId, detail: { tags: inBrief(tags) } });
}

/** Takes a tag away. @throws AppError `not_found` for a run or a tag that is not there; `conflict` for a run in the trash */
export async function untagRun(tx: Tx, scope: Scope, runId: string, key: string): Promise<void> {
  const run = await lockActive(tx, scope, runId);
  if (!Object.hasOwn(run.tags, key)) throw notFound("Tag", key);
  const { [key]: _gone, ...tags } = run.tags;
  const parentId = key === PARENT_RUN_TAG ? null : run.parentId;
  await tx.update(runs).set({ tags, parentId }).where(oneRun(scope, runId));
  await audit(tx, scope, { action: "run.untag", subject: runId, detail: { key } });
}

/** Puts a run into the trash; nothing in it is lost. Idempotent. @throws AppError `not_found` */
export async function trashRun(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const run = await lockRun(tx, scope, runId);
  if (run.deletedAt) return run;
  const deletedAt = new Date();
  await tx.update(runs).set({ deletedAt }).where(oneRun(scope, runId));
  await audit(tx, scope, { action: "run.trash", subject: runId, detail: { name: run.name } });
  return { ...run, deletedAt };
}

/** Takes a run out of the trash. Idempotent. @throws AppError `not_found`; `conflict` while its experiment is in the trash */
export async function restoreRun(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const run = await lockRun(tx, scope, runId);
  if (!run.deletedAt) return run;
  await activeExperiment(tx, scope, run.experimentId);
  await tx.update(runs).set({ deletedAt: null }).where(oneRun(scope, runId));
  await audit(tx, scope, { action: "run.restore", subject: runId, detail: { name: run.name } });
  return { ...run, deletedAt: null };
}

/**
 * Ends a run. Idempotent: ending it again the same way changes nothing.
 * @throws AppError `not_found`; `conflict` when it ended another way
 */
export async function finishRun(tx: Tx, scope: Scope, input: FinishRunInput): Promise<Run> {
  const run = await lockRun(tx, scope, input.runId);
  if (run.state === input.state) return addToEnded(tx, scope, run, input);
  if (run.state !== "running") {
    throw new AppError("conflict", `Run ${run.id} is ${run.state} already; it cannot become ${input.state}.`);
  }
  if (input.metrics) await writeMetrics(tx, scope, run.id, input.metrics);
  const [ended] = await tx
    .update(runs)
    .set({
      state: input.state,
      outputs: distinct([...run.outputs, ...(input.outputs ?? [])]),
      error: input.error ?? null,
      endedAt: new Date(),
    })
    .where(oneRun(scope, run.id))
    .returning();
  await audit(tx, scope, { action: "run.finish", subject: run.id, detail: { state: input.state } });
  if (ended) await tellEnd(tx, scope, ended);
  return ended ?? run;
}

/** A run with all that is known of it but its histories and files. */
export interface RunRecord extends Run {
  /** The experiment's name. */
  experiment: string;
  /** Last value of each metric. */
  metrics: Record<string, number>;
  /** Each metric with its step, time and range, by key. */
  series: SeriesSummary[];
  links: RunLinks;
}

/** What an ending brings to a run that somebody else has ended the same way: outputs, and metrics that are not there yet. */
async function addToEnded(
  tx: Tx,
  scope: Scope,
  run: Run,
  { metrics = {}, outputs = [] }: FinishRunInput,
): Promise<Run> {
  const known = new Set(((await seriesOfRuns(tx, scope, [run.id])).get(run.id) ?? []).map(({ key }) => key));
  const missing = Object.entries(metrics).filter(([key]) => !known.has(key));
  if (missing.length > 0) await writeMetrics(tx, scope, run.id, Object.fromEntries(missing));
  const all = distinct([...run.outputs, ...outputs]);
  if (all.length > run.outputs.length) await tx.update(runs).set({ outputs: all }).where(oneRun(scope, run.id));
  return { ...run, outputs: all };
}

/** One run, also from the trash. @throws AppError `not_found` */
export async function getRun(tx: Tx, scope: Scope, runId: string): Promise<RunRecord> {
  const [row] = await tx
    .select({ run: runs, experiment: experiments.name })
    .from(runs)
    .innerJoin(experiments, and(eq(experiments.teamId, runs.teamId), eq(experiments.id, runs.experimentId)))
    .where(oneRun(scope, runId));
  if (!row) throw notFound("Run", runId);
  const series = (await seriesOfRuns(tx, scope, [runId])).get(runId) ?? [];
  const links = await linksOfRun(tx, scope, runId);
  return { ...row.run, experiment: row.experiment, metrics: lastMetrics(series), series, links };
}

async function lockRunning(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const run = await lockActive(tx, scope, runId);
  if (run.state !== "running")
    throw new AppError("conflict", `Run ${runId} is ${run.state}; nothing more is logged to it.`);
  return run;
}

function checkParams(params: RunParams): RunParams {
  const parsed = runParamsSchema.safeParse(params);
  if (parsed.success) return params;
  throw invalid("params", parsed.error.issues[0]?.path, "a string, a finite number or a boolean");
}

function checkMetrics(metrics: Record<string, number>): Record<string, number> {
  const parsed = runMetricsSchema.safeParse(metrics);
  if (parsed.success) return metrics;
  throw invalid("metrics", parsed.error.issues[0]?.path, "a finite number; leave out what could not be measured");
}

function invalid(what: string, path: PropertyKey[] | undefined, expected: string): AppError {
  const field = [what, ...(path ?? [])].join(".");
  return new AppError("invalid_input", `${field} must be ${expected}.`, { details: { field } });
}

function distinct(artifacts: RunArtifact[]): RunArtifact[] {
  return [...new Map(artifacts.map((a) => [`${a.kind} ${a.id}`, a])).values()];
}
