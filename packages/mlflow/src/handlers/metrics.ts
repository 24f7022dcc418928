import { type HistoryPoint, metricHistories, metricHistory, sampleHistories } from "@ballast/experiments/server";
import { inTeam, type MlflowHandler } from "../call.ts";
import { invalidParameter } from "../errors.ts";
import { doubleOf } from "../fields.ts";
import { double, listed } from "../shapes.ts";
import { invalidValue, missingParameter } from "../validation.ts";

const MOST_POINTS = 25_000;
const MOST_RUNS = 100;
const MOST_SAMPLES = 2_500;

const pointJson = (key: string, point: HistoryPoint) => ({
  key,
  value: double(point.value),
  timestamp: point.at,
  step: point.step,
});

function historyToken({ at, step, value }: HistoryPoint): string {
  return Buffer.from(JSON.stringify({ at, step, value: double(value) })).toString("base64url");
}

function readHistoryToken(token: string | undefined): HistoryPoint | null {
  if (token === undefined) return null;
  try {
    const read: unknown = JSON.parse(Buffer.from(token, "base64url").toString("utf8"));
    if (typeof read === "object" && read !== null && "at" in read && "step" in read && "value" in read) {
      const { at, step } = read;
      const value = doubleOf(read.value);
      if (Number.isSafeInteger(at) && Number.isSafeInteger(step) && value !== null) {
        return { at: Number(at), step: Number(step), value };
      }
    }
  } catch {
    // Told below.
  }
  throw invalidParameter("Invalid page token, could not base64-decode");
}

/** Without `max_results` a page of the largest size: MLflow would read all of a history into memory. */
export const metricHistoryHandler: MlflowHandler = async (call) => {
  const { fields } = call;
  const runId = fields.runId();
  const key = fields.required("metric_key");
  const limit = fields.integer("max_results") ?? MOST_POINTS;
  if (limit <= 0) {
    throw invalidParameter(
      `Invalid value ${limit} for parameter 'max_results' supplied. It must be a positive integer.`,
    );
  }
  const after = readHistoryToken(fields.text("page_token"));
  const asked = { runId, key, limit: Math.min(limit, MOST_POINTS), after };
  const page = await inTeam(call, (tx) => metricHistory(tx, call.scope, asked));
  return {
    metrics: listed(page.points.map((point) => pointJson(key, point))),
    next_page_token: page.next ? historyToken(page.next) : undefined,
  };
};

export const metricHistoryBulk: MlflowHandler = async (call) => {
  const runIds = call.fields.texts("run_id");
  if (runIds.length === 0) throw invalidParameter("GetMetricHistoryBulk request must specify at least one run_id.");
  if (runIds.length > MOST_RUNS) {
    throw invalidParameter(
      `GetMetricHistoryBulk request cannot specify more than ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  const key = call.fields.text("metric_key");
  if (key === undefined) throw invalidParameter("GetMetricHistoryBulk request must specify a metric_key.");
  const limit = Math.min(call.fields.integer("max_results") ?? MOST_POINTS, MOST_POINTS);
  if (limit < 1) throw invalidValue("max_results", limit, "It must be a positive integer");
  const points = await inTeam(call, (tx) => metricHistories(tx, call.scope, { runIds, key, limit }));
  return { metrics: points.map((point) => ({ ...pointJson(key, point), run_id: point.runId })) };
};

/** At most `max_results` points of each run, extremes among them: MLflow's own choice loses spikes and negative steps. */
export const metricHistoryInterval: MlflowHandler = async (call) => {
  const { fields } = call;
  const runIds = fields.texts("run_ids");
  if (runIds.length === 0) throw missingParameter("run_ids");
  if (runIds.length > MOST_RUNS) {
    throw invalidParameter(
      `GetMetricHistoryBulkInterval request must specify at most ${MOST_RUNS} run_ids. Received ${runIds.length} run_ids.`,
    );
  }
  const key = fields.required("metric_key");
  const most = fields.integer("max_results") ?? MOST_SAMPLES;
  if (most < 1 || most > MOST_SAMPLES) throw invalidParameter(`max_results must be between 1 and ${MOST_SAMPLES}.`);
  const range = { from: fields.integer("start_step"), to: fields.integer("end_step") };
  if ((range.from === undefined) !== (range.to === undefined)) {
    throw invalidParameter("If either start step or end step are specified, both must be specified.");
  }
  if (range.from !== undefined && range.to !== undefined && range.from > range.to) {
    throw invalidParameter(
      `end_step must be greater than start_step. Found start_step=${range.from} and end_step=${range.to}.`,
    );
  }
  const points = await inTeam(call, (tx) => sampleHistories(tx, call.scope, { runIds, key, most, ...range }));
  return { metrics: listed(points.map((point) => ({ ...pointJson(key, point), run_id: point.runId }))) };
};
