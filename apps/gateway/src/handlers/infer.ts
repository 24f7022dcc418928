import { AppError, isAppError, toAppError } from "@ballast/core";
import { assign } from "@ballast/delivery";
import { type InferRequest, readInferRequest } from "@ballast/inference-protocol";
import type { Call } from "../http/call.ts";
import type { Arm, DeploymentPlan, Role } from "../project/deployment-plan.ts";
import type { PredictionJob, ShadowFeatures } from "../project/prediction-job.ts";
import { errorPayload } from "../project/prediction-record.ts";
import type { Project } from "../project/project.ts";
import { eventTimes, featuresFor, type RequestRows, readRows, takesTensor } from "../project/request-rows.ts";

interface Choice {
  arm: Arm;
  role: Role;
}

/** `POST /v2/models/{name}[/versions/{version}]/infer`. A request goes to one version, all its rows. */
export function infer(call: Call, project: Project): void {
  const startedAt = performance.now();
  const at = Date.now();
  const plan = project.plan(call.param("name"));
  const request = readInferRequest(call.json());
  const input = readRows(request, plan);
  const times = eventTimes(plan, input, at);
  const version = call.params.version;
  const ids = new Array<string>(input.rows);
  for (let row = 0; row < input.rows; row++) ids[row] = project.ids.next(at);
  const { arm, role } = version === undefined ? choose(plan, input, request, ids) : pinned(plan, version);
  checkOutputs(request, arm);
  const job: PredictionJob = {
    plan,
    arm,
    role,
    routing: version === undefined ? plan.snapshot.routingRevision : null,
    requestId: request.id,
    ids,
    requests: input.requests,
    times,
    at,
    startedAt,
    features: EMPTY,
    rows: input.rows,
    deadline: startedAt + plan.snapshot.deadlineMs,
    y: null,
    error: null,
    settled: false,
    shadows: [],
    reply: call,
  };
  try {
    job.features = featuresFor(arm, input, times);
    job.shadows = shadowFeatures(plan, role, input, times);
    const queue = input.rows > arm.model.inlineRows ? arm.largeQueue : arm.queue;
    if (!queue.submit(job)) {
      throw new AppError(
        "too_many_requests",
        `Model "${plan.snapshot.name}" has too many rows waiting. Try again shortly.`,
      );
    }
  } catch (error) {
    fail(project, job, toAppError(error));
  }
}

const EMPTY = new Float32Array(0);

/** Champion or candidate, by the sticky bucket of the assignment key. */
function choose(plan: DeploymentPlan, input: RequestRows, request: InferRequest, ids: readonly string[]): Choice {
  const { champion, candidate, snapshot } = plan;
  if (candidate !== null && snapshot.routing.candidate !== null) {
    const { salt, candidate: canary } = snapshot.routing;
    const chosen = assign(salt, assignmentKey(plan, input, request, ids), canary.percent);
    if (champion === null || chosen === "candidate") return { arm: candidate, role: "candidate" };
  }
  if (champion === null) throw new AppError("unavailable", `Model "${snapshot.name}" has no version to answer yet.`);
  return { arm: champion, role: "champion" };
}

/** The first row's value in the assignment column, else the request id, else (no stickiness asked for) chance. */
function assignmentKey(
  plan: DeploymentPlan,
  input: RequestRows,
  request: InferRequest,
  ids: readonly string[],
): string {
  const column = plan.snapshot.assignmentColumn;
  const value = column === null ? undefined : input.requests[0]?.[column];
  return value === undefined ? (request.id ?? (ids[0] as string)) : String(value);
}

/** The version a caller named: it must be champion or candidate. */
function pinned(plan: DeploymentPlan, version: string): Choice {
  const { champion, candidate } = plan;
  if (champion !== null && String(champion.version.number) === version) return { arm: champion, role: "champion" };
  if (candidate !== null && String(candidate.version.number) === version) return { arm: candidate, role: "candidate" };
  throw new AppError("not_found", `Version ${version} of model "${plan.snapshot.name}" does not answer requests.`);
}

function checkOutputs(request: InferRequest, arm: Arm): void {
  if (request.outputs === null) return;
  const { output } = arm.version.serving;
  request.outputs.forEach((name, i) => {
    if (name === output || name === "prediction_id") return;
    throw new AppError(
      "invalid_input",
      `outputs[${i}].name "${name}" is not an output; there are "${output}" and "prediction_id".`,
      {
        details: { field: `outputs[${i}].name` },
      },
    );
  });
}

/**
 * Features of the versions that score beside, taken now: pushes that come while the answer is on its way must not give
 * them an advantage. A version whose features can't be computed is counted and left out; the caller never notices.
 */
function shadowFeatures(
  plan: DeploymentPlan,
  role: Role,
  input: RequestRows,
  times: readonly number[],
): ShadowFeatures[] {
  const beside = plan.beside[role];
  if (beside.length === 0) return NONE;
  const shadows: ShadowFeatures[] = [];
  for (const arm of beside) {
    try {
      if (input.tensor !== null && !takesTensor(arm, input.tensor)) continue;
      shadows.push({ arm, features: featuresFor(arm, input, times) });
    } catch {
      arm.metrics.candidate.shadowFailed.add(input.rows);
    }
  }
  return shadows;
}

const NONE: ShadowFeatures[] = [];

/**
 * A request that fails after a version was chosen is journalled as that version's error, unless the caller's input is to
 * blame: a column that the champion needs as well.
 */
function fail(project: Project, job: PredictionJob, error: AppError): void {
  const seconds = (performance.now() - job.startedAt) / 1000;
  job.arm.metrics[job.role].requests(error.status).add();
  job.arm.metrics[job.role].latency.observe(seconds);
  if (error.code !== "invalid_input" || candidateIsToBlame(job, error)) {
    try {
      project.journal.append([errorPayload(job, error.code, Math.round(seconds * 1e6))]);
    } catch (failure) {
      if (isAppError(failure)) job.reply.failed(failure);
      else throw failure;
      return;
    }
  }
  job.reply.failed(error);
}

function candidateIsToBlame(job: PredictionJob, error: AppError): boolean {
  const { champion } = job.plan;
  if (job.role !== "candidate" || champion === null) return false;
  const field = error.details.field;
  return !champion.bindings.columns.some((column) => column.name === field);
}
