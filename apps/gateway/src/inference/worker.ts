/** Runs models in a process of its own: `InferenceSession.run` blocks the thread that calls it for as long as it takes, maybe for ever. */

import { readFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { hasValueDependentWork, readModel } from "@ballast/onnx";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type ModelSpec, type ModelSpeed, predictionsOf, SESSION_OPTIONS, specKey } from "./model-spec.ts";

export type WorkerRequest =
  | { id: number; op: "load"; spec: ModelSpec; path: string }
  | { id: number; op: "unload"; spec: ModelSpec }
  | { id: number; op: "run"; spec: ModelSpec; features: Float32Array<ArrayBuffer>; rows: number };
/** `began` comes ahead of the answer to a run that may have had to wait for a model to be loaded. */
export type WorkerReply = { id: number; began?: true; speed?: ModelSpeed; y?: Float32Array; error?: string };

const WARM_UP_RUNS = 31;
const BATCH_RUNS = 5;
/** A run may hold the serving thread for so long: timers and other models' callers wait meanwhile. */
const INLINE_RUN_MS = 2;
const MOST_INLINE_ROWS = 1_024;
const NICENESS = 5;
const sessions = new Map<string, InferenceSession>();
/** Requests taken and not answered. */
let underWay = 0;

async function run(session: InferenceSession, spec: ModelSpec, features: Float32Array, rows: number) {
  const results = await session.run({ [spec.tensor]: new Tensor("float32", features, [rows, spec.width]) });
  return predictionsOf(results, spec, rows);
}

/** Milliseconds each of some runs took, ascending; a slow model is known to be slow after a few. */
async function timed(session: InferenceSession, spec: ModelSpec, features: Float32Array, most: number) {
  const times: number[] = [];
  const started = performance.now();
  while (times.length < most && (times.length < 3 || performance.now() - started < 200)) {
    const before = performance.now();
    await run(session, spec, features, features.length / spec.width);
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b);
}

/** Values of every size and sign, the same each time: in a batch of equal rows all take one path through a tree, which is faster. */
function sampleValues(count: number): Float32Array {
  let state = 1;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Float32Array.from({ length: count }, () => (next() < 0.5 ? -1 : 1) * 10 ** (6 * next() - 2));
}

/** Time of the fastest run of a batch, milliseconds. Infinite for a model that takes one row alone. */
async function batchMs(session: InferenceSession, spec: ModelSpec, rows: number): Promise<number> {
  const time = (features: Float32Array) => timed(session, spec, features, BATCH_RUNS);
  const size = rows * spec.width;
  // A model that reads a value as a position refuses most values; zeros were taken before.
  const times = await time(sampleValues(size)).catch(() => time(new Float32Array(size)).catch(() => []));
  return times[0] ?? Number.POSITIVE_INFINITY;
}

/** The largest power of two of rows that can run within {@link INLINE_RUN_MS}; one row's time says nothing of it. */
async function inlineRows(session: InferenceSession, spec: ModelSpec): Promise<number> {
  let rows = 1;
  while (rows < MOST_INLINE_ROWS && (await batchMs(session, spec, 2 * rows)) <= INLINE_RUN_MS) rows *= 2;
  return rows;
}

/** Loads, warms up, and returns how fast it is. */
async function load(spec: ModelSpec, path: string): Promise<ModelSpeed> {
  const bytes = await readFile(path);
  const session = sessions.get(specKey(spec)) ?? (await InferenceSession.create(bytes, SESSION_OPTIONS));
  const times = await timed(session, spec, new Float32Array(spec.width), WARM_UP_RUNS);
  const medianMs = times[times.length >> 1] ?? 0;
  const mayRunInline = medianMs <= INLINE_RUN_MS && !hasValueDependentWork(readModel(bytes));
  const speed = { medianMs, inlineRows: mayRunInline ? await inlineRows(session, spec) : 0 };
  sessions.set(specKey(spec), session);
  return speed;
}

async function handle(request: WorkerRequest): Promise<WorkerReply> {
  const { id, spec } = request;
  if (request.op === "load") return { id, speed: await load(spec, request.path) };
  const session = sessions.get(specKey(spec));
  if (request.op === "unload") {
    sessions.delete(specKey(spec));
    await session?.release();
    return { id };
  }
  if (!session) return { id, error: `Model ${spec.digest} is not loaded.` };
  if (underWay > 1) answer({ id, began: true });
  // A copy: the run's own memory belongs to ONNX Runtime and can't be handed over.
  return { id, y: (await run(session, spec, request.features, request.rows)).slice() };
}

function answer(reply: WorkerReply): void {
  process.send?.(reply);
}

if (process.send) {
  // On a full machine the gateway, which answers everybody, goes first.
  setPriority(NICENESS);
  new Worker(new URL("./follow-parent.ts", import.meta.url), { workerData: process.ppid });
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // Ctrl-C goes to the whole group; the gateway ends this process when all is answered.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  process.on("message", (request: WorkerRequest) => {
    underWay++;
    handle(request)
      .catch((error: unknown) => ({ id: request.id, error: error instanceof Error ? error.message : String(error) }))
      .then((reply) => {
        underWay--;
        answer(reply);
      });
  });
}
