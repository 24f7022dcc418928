import type { ArtifactStore } from "@ballast/artifacts";
import { AppError } from "@ballast/core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type ModelSpec, predictionsOf, SESSION_OPTIONS, specKey } from "./model-spec.ts";
import type { RunLimits, WorkerPool } from "./worker-pool.ts";

/** A model that is loaded and warm. */
export interface LoadedModel {
  spec: ModelSpec;
  /** Median time of a one-row run when it was loaded, milliseconds. */
  medianMs: number;
  /** Batches of up to so many rows run on the serving thread; 0 where none do. */
  inlineRows: number;
  /** On the serving thread; only where `inlineRows` is not 0. */
  runHere(features: Float32Array, rows: number): Promise<Float32Array>;
  /** In a process of the pool. */
  runThere(features: Float32Array<ArrayBuffer>, rows: number, limits: RunLimits): Promise<Float32Array>;
}

interface Entry {
  model: Promise<LoadedModel>;
  session: InferenceSession | null;
  /** Since when no route names it; null while one does. */
  unusedSince: number | null;
}

const WARM_UP_RUNS = 50;
/** How long a model stays after the last route left it: requests that were under way then are long done. */
const UNLOAD_AFTER_MS = 60_000;

/** Loaded models by file, tensor names and width. The same file served by two versions is loaded once. */
export class ModelCache {
  readonly #store: ArtifactStore;
  readonly #pool: WorkerPool;
  readonly #inlineLimitMs: number;
  readonly #entries = new Map<string, Entry>();

  constructor(store: ArtifactStore, pool: WorkerPool, inlineLimitMs: number) {
    this.#store = store;
    this.#pool = pool;
    this.#inlineLimitMs = inlineLimitMs;
  }

  /** Loads, checks and warms; a failure is not remembered. Throws `not_found`, or `unprocessable` with the reason. */
  load(spec: ModelSpec): Promise<LoadedModel> {
    const key = specKey(spec);
    const known = this.#entries.get(key);
    if (known) {
      known.unusedSince = null;
      return known.model;
    }
    const entry: Entry = { model: Promise.resolve() as never, session: null, unusedSince: null };
    entry.model = this.#load(spec, entry);
    this.#entries.set(key, entry);
    entry.model.catch(() => this.#entries.delete(key));
    return entry.model;
  }

  /** Lets go of models that have long been out of use. `used` holds keys of {@link specKey}. */
  async keepOnly(used: ReadonlySet<string>, now: number): Promise<void> {
    for (const [key, entry] of this.#entries) {
      if (used.has(key)) {
        entry.unusedSince = null;
        continue;
      }
      entry.unusedSince ??= now;
      if (now - entry.unusedSince < UNLOAD_AFTER_MS) continue;
      this.#entries.delete(key);
      const model = await entry.model.catch(() => null);
      if (!model) continue;
      await this.#pool.unload(model.spec);
      await entry.session?.release();
    }
  }

  async #load(spec: ModelSpec, entry: Entry): Promise<LoadedModel> {
    const bytes = await this.#store.get(spec.digest);
    const pool = this.#pool;
    // First in the pool, where a slow model can be timed without holding up anybody.
    const speed = await pool.load(spec, this.#store.path(spec.digest));
    const { medianMs } = speed;
    const inlineRows = medianMs < this.#inlineLimitMs ? speed.inlineRows : 0;
    const session = inlineRows > 0 ? await warmSession(bytes, spec) : null;
    entry.session = session;
    return {
      spec,
      medianMs,
      inlineRows,
      async runHere(features, rows) {
        if (!session) throw new AppError("internal", `Model ${spec.digest} does not run on the serving thread.`);
        return predictionsOf(await session.run(feeds(spec, features, rows)), spec, rows);
      },
      runThere: (features, rows, limits) => pool.run(spec, features, rows, limits),
    };
  }
}

function feeds(spec: ModelSpec, features: Float32Array, rows: number) {
  return { [spec.tensor]: new Tensor("float32", features, [rows, spec.width]) };
}

async function warmSession(bytes: Buffer, spec: ModelSpec): Promise<InferenceSession> {
  const session = await InferenceSession.create(bytes, SESSION_OPTIONS);
  const row = new Float32Array(spec.width);
  for (let i = 0; i < WARM_UP_RUNS; i++) await session.run(feeds(spec, row, 1));
  return session;
}
