import type { ServingSpec } from "@ballast/db";
import type { ParitySample } from "@ballast/registry";
import { type ColumnProfile, createRandom } from "@ballast/statistics";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { BATCH_TOLERANCE, type GateResult, PARITY_TOLERANCE, quantile } from "./gates.ts";

/** A model loaded as the gateway loads it. */
export interface LoadedModel {
  session: InferenceSession;
  serving: ServingSpec;
}

/** Loads a model with one thread, as it is served. Rejects with ONNX Runtime's own words when it cannot be run. */
export async function loadModel(bytes: Uint8Array, serving: ServingSpec): Promise<LoadedModel> {
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3,
  });
  return { session, serving };
}

/** Scores rows (row-major float32, NaN for missing): one prediction per row. */
async function score(model: LoadedModel, rows: Float32Array, n: number): Promise<Float64Array> {
  const width = model.serving.features.length;
  const input = new Tensor("float32", rows, [n, width]);
  const outputs = await model.session.run({ [model.serving.tensor]: input }, [model.serving.output]);
  const data = outputs[model.serving.output]?.data;
  if (!data || data.length !== n) throw new Error(`${n} rows gave ${data?.length ?? 0} predictions`);
  return Float64Array.from(data as Float32Array, Number);
}

async function scoreOneByOne(model: LoadedModel, rows: Float32Array, n: number): Promise<Float64Array> {
  const width = model.serving.features.length;
  const result = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const one = await score(model, rows.slice(i * width, (i + 1) * width), 1);
    result[i] = one[0] as number;
  }
  return result;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs((a[i] as number) - (b[i] as number));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

const PROBE_ROWS = 256;
/** One value in twenty is missing: a model must answer then too. */
const PROBE_MISSING = 0.05;

/** Where a feature's probe values come from: its reference profile, or a few magnitudes when there is none. */
export type ProbeRange = { min: number; max: number } | null;

export function probeRange(profile: ColumnProfile | undefined): ProbeRange {
  if (profile?.kind !== "numeric" || profile.min === null || profile.max === null) return null;
  return { min: profile.min, max: profile.max };
}

/** Random rows (seeded) within the features' reference ranges, a few values missing. */
function probeRows(ranges: readonly ProbeRange[], rows: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const width = ranges.length;
  const values = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < width; j++) {
      const range = ranges[j] ?? null;
      const u = random.uniform();
      const value = range ? range.min + u * (range.max - range.min) : (u - 0.5) * 10 ** random.integer(4);
      values[i * width + j] = random.uniform() < PROBE_MISSING ? Number.NaN : value;
    }
  }
  return values;
}

const parity = (passed: boolean, message: string, measured: GateResult["measured"]): GateResult => ({
  gate: "onnx_parity",
  passed,
  message,
  measured,
});

/** ONNX Runtime's predictions against those the trainer recorded for the same rows. */
export async function parityWithSample(model: LoadedModel, sample: ParitySample): Promise<GateResult> {
  const width = model.serving.features.length;
  const n = sample.features.length;
  const uneven = sample.features.findIndex((row) => row.length !== width);
  if (uneven >= 0 || sample.predictions.length !== n) {
    const message = `The recorded sample does not fit: ${n} rows of ${width} features with as many predictions are expected.`;
    return parity(false, message, { rows: n, predictions: sample.predictions.length });
  }
  const rows = Float32Array.from(sample.features.flat(), (value) => value ?? Number.NaN);
  const difference = largestDifference(await score(model, rows, n), sample.predictions);
  const alone = Math.min(n, PROBE_ROWS);
  const batch = await score(model, rows.slice(0, alone * width), alone);
  const batching = largestDifference(batch, await scoreOneByOne(model, rows, alone));
  const passed = difference <= PARITY_TOLERANCE && batching <= BATCH_TOLERANCE;
  const message =
    `ONNX Runtime differs from the trainer's own predictions by at most ${difference.toExponential(2)} over ${n} rows ` +
    `(allowed ${PARITY_TOLERANCE}); a row alone from a row in a batch by ${batching.toExponential(2)} (allowed ${BATCH_TOLERANCE}).`;
  return parity(passed, message, { rows: n, maxDifference: difference, maxBatchDifference: batching });
}

/** Without a recorded sample: predictions must be finite, the same twice, and the same alone as in a batch. */
export async function parityWithItself(model: LoadedModel, ranges: readonly ProbeRange[]): Promise<GateResult> {
  const rows = probeRows(ranges, PROBE_ROWS, 20_010_101);
  const first = await score(model, rows, PROBE_ROWS);
  const notFinite = first.findIndex((value) => !Number.isFinite(value));
  const measured = { rows: PROBE_ROWS, sample: "none recorded" };
  if (notFinite >= 0) {
    const message = `A row within the reference ranges gives ${first[notFinite]}, not a finite number.`;
    return parity(false, message, measured);
  }
  const repeat = largestDifference(first, await score(model, rows, PROBE_ROWS));
  const batching = largestDifference(first, await scoreOneByOne(model, rows, PROBE_ROWS));
  const passed = repeat === 0 && batching <= BATCH_TOLERANCE;
  const message =
    `No trainer's sample is recorded. ${PROBE_ROWS} random rows: finite, ${repeat === 0 ? "the same twice" : `different twice by ${repeat.toExponential(2)}`}, ` +
    `alone and in a batch within ${batching.toExponential(2)} (allowed ${BATCH_TOLERANCE}).`;
  return parity(passed, message, { ...measured, maxDifference: repeat, maxBatchDifference: batching });
}

const WARM_UP_RUNS = 50;
const TIMED_RUNS = 500;
/** With more runs over the objective than this, the 99th percentile of all of them is over it. */
const SLOW_RUNS = TIMED_RUNS - Math.ceil(0.99 * TIMED_RUNS);

/**
 * 99th percentile of single-row runs on this machine, model time alone, against the deployment's latency objective. Runs end as soon as
 * so many were slow that it cannot be met.
 */
export async function latencyGate(
  model: LoadedModel,
  ranges: readonly ProbeRange[],
  sloMs: number,
): Promise<GateResult> {
  const width = ranges.length;
  const rows = probeRows(ranges, TIMED_RUNS, 7);
  const times: number[] = [];
  let slow = 0;
  for (let i = -WARM_UP_RUNS; i < TIMED_RUNS && slow <= SLOW_RUNS; i++) {
    const at = ((i + TIMED_RUNS) % TIMED_RUNS) * width;
    const row = rows.slice(at, at + width);
    const start = performance.now();
    await score(model, row, 1);
    if (i < 0) continue;
    const time = performance.now() - start;
    times.push(time);
    if (time > sloMs) slow++;
  }
  const p50 = quantile(times, 0.5);
  const p99 = quantile(times, 0.99);
  const runs = times.length;
  const measured = { runs, p50Ms: Number(p50.toFixed(4)), p99Ms: Number(p99.toFixed(4)), sloMs };
  const decided = slow > SLOW_RUNS && runs < TIMED_RUNS ? `; stopped, as ${slow} were slower` : "";
  const message = `Single-row run: median ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms over ${runs} runs (objective ${sloMs} ms${decided}).`;
  return { gate: "latency", passed: slow <= SLOW_RUNS, message, measured };
}
