import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { experiments, type RunArtifact, runs, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { ensureExperiment } from "./experiments.ts";
import { runMetricsSchema, runParamsSchema } from "./index.ts";

export type Run = typeof runs.$inferSelect;
export type RunParams = Run["params"];

export interface StartRunInput {
  /** The experiment's name; made if there is none. */
  experiment: string;
  name: string;
  params?: RunParams;
  tags?: Record<string, string>;
  inputs?: RunArtifact[];
  /** Version of the code that runs, e.g. a commit. */
  codeVersion: string;
  eventTime?: Date | null;
}

const oneRun = (scope: Scope, id: string) =>
  and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, id));

/** Starts a run in state `running`. */
export async function startRun(tx: Tx, scope: Scope, input: StartRunInput): Promise<Run> {
  const experiment = await ensureExperiment(tx, scope, input.experiment);
  const [run] = await tx
    .insert(runs)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("run"),
      experimentId: experiment.id,
      name: input.name,
      state: "running",
      params: checkParams(input.params ?? {}),
      metrics: {},
      tags: input.tags ?? {},
      inputs: input.inputs ?? [],
      outputs: [],
      codeVersion: input.codeVersion,
      createdBy: scope.actor.name,
      eventTime: input.eventTime ?? null,
    })
    .returning();
  if (!run) throw new AppError("internal", "insert of a run returned no row");
  return run;
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

/** Adds metrics; the last value of a name counts. @throws AppError `invalid_input` for NaN or ±∞, naming the metric */
export async function logMetrics(tx: Tx, scope: Scope, runId: string, metrics: Record<string, number>): Promise<void> {
  const run = await lockRunning(tx, scope, runId);
  await tx
    .update(runs)
    .set({ metrics: { ...run.metrics, ...checkMetrics(metrics) } })
    .where(oneRun(scope, runId));
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

/**
 * Ends a run. Idempotent: ending it again the same way changes nothing.
 * @throws AppError `not_found`; `conflict` when it ended another way
 */
export async function finishRun(tx: Tx, scope: Scope, input: FinishRunInput): Promise<Run> {
  const run = await lockRun(tx, scope, input.runId);
  if (run.state === input.state) return run;
  if (run.state !== "running") {
    throw new AppError("conflict", `Run ${run.id} is ${run.state} already; it cannot become ${input.state}.`);
  }
  const [ended] = await tx
    .update(runs)
    .set({
      state: input.state,
      metrics: { ...run.metrics, ...checkMetrics(input.metrics ?? {}) },
      outputs: distinct([...run.outputs, ...(input.outputs ?? [])]),
      error: input.error ?? null,
      endedAt: new Date(),
    })
    .where(oneRun(scope, run.id))
    .returning();
  return ended ?? run;
}

/** One run with its experiment's name. @throws AppError `not_found` */
export async function getRun(tx: Tx, scope: Scope, runId: string): Promise<Run & { experiment: string }> {
  const [row] = await tx
    .select({ run: runs, experiment: experiments.name })
    .from(runs)
    .innerJoin(experiments, and(eq(experiments.teamId, runs.teamId), eq(experiments.id, runs.experimentId)))
    .where(oneRun(scope, runId));
  if (!row) throw notFound("Run", runId);
  return { ...row.run, experiment: row.experiment };
}

async function lockRun(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const [run] = await tx.select().from(runs).where(oneRun(scope, runId)).for("update");
  if (!run) throw notFound("Run", runId);
  return run;
}

async function lockRunning(tx: Tx, scope: Scope, runId: string): Promise<Run> {
  const run = await lockRun(tx, scope, runId);
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
