import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ModelSpec } from "./model-spec.ts";
import { WorkerPool } from "./worker-pool.ts";

/** Counts to the largest value it is given, one by one. */
const COUNTING = fileURLToPath(new URL("../../../../packages/onnx/fixtures/loop.onnx", import.meta.url));
const limits = { shadow: false, limitMs: 300 };

let pool: WorkerPool;
beforeEach(() => {
  pool = new WorkerPool(1);
});
afterEach(() => pool.close());

/** One file under several names is several models to the pool. */
const spec = (digest: string): ModelSpec => ({ digest, tensor: "features", output: "probability", width: 3 });
const run = (model: ModelSpec, count: number) => pool.run(model, Float32Array.of(count, 0, 0), 1, limits);

test("a run over its limit is ended; its model is left alone for a while, the others go on", async () => {
  const [endless, other] = [spec("a"), spec("b")];
  await pool.load(endless, COUNTING);
  await pool.load(other, COUNTING);
  const late = run(endless, 1e18);
  const behind = run(other, 0);
  await expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect([...(await behind)]).toEqual([0.5]);
  expect([pool.isPaused(endless), pool.isPaused(other)]).toEqual([true, false]);
  await expect(run(endless, 0)).rejects.toMatchObject({ code: "unavailable" });
});

test("a run that comes while models are loaded has its limit to itself", async () => {
  const [first, second] = [spec("a"), spec("b")];
  await pool.load(first, COUNTING);
  const loading = pool.load(second, COUNTING);
  const late = run(first, 1e18);
  await expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect([pool.isPaused(first), pool.isPaused(second)]).toEqual([true, false]);
  const loaded = () =>
    pool.load(second, COUNTING).then(
      () => true,
      () => false,
    );
  await loading.catch(() => {});
  await expect.poll(loaded, { timeout: 10_000 }).toBe(true);
  expect([...(await run(second, 0))]).toEqual([0.5]);
});

test("a model with a loop does not run on the serving thread", async () => {
  expect(await pool.load(spec("a"), COUNTING)).toMatchObject({ inlineRows: 0 });
});

test("a pool closes while a model computes for ever", async () => {
  await pool.load(spec("a"), COUNTING);
  const cut = run(spec("a"), 1e18);
  cut.catch(() => {});
  await pool.close();
});
