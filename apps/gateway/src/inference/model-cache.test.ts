import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { buildTreeEnsembleModel, type TreeNodes } from "@ballast/onnx";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelCache } from "./model-cache.ts";
import { WorkerPool } from "./worker-pool.ts";

const WIDTH = 8;
const folder = mkdtempSync(join(tmpdir(), "ballast-model-cache-"));
const store = new ArtifactStore(folder);
let pool: WorkerPool;
beforeAll(() => {
  pool = new WorkerPool(1);
});
afterAll(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A full tree of a depth that asks about all columns in turn. */
function fullTree(depth: number): TreeNodes {
  const inner = 2 ** depth - 1;
  const nodes = { length: 2 * inner + 1 };
  return {
    feature: Int32Array.from(nodes, (_, i) => (i < inner ? i % WIDTH : -1)),
    threshold: Float32Array.from(nodes, (_, i) => (i * 37) % 100),
    left: Int32Array.from(nodes, (_, i) => (i < inner ? 2 * i + 1 : -1)),
    right: Int32Array.from(nodes, (_, i) => (i < inner ? 2 * i + 2 : -1)),
    missingLeft: new Uint8Array(nodes.length),
    value: Float32Array.from(nodes, (_, i) => (i < inner ? 0 : 0.001)),
  };
}

async function load(trees: number, depth: number, inlineLimitMs: number) {
  const featureNames = Array.from({ length: WIDTH }, (_, i) => `f${i}`);
  const ensemble = { task: "regression" as const, featureNames, baseValue: 0 };
  const model = buildTreeEnsembleModel({ ...ensemble, trees: Array.from({ length: trees }, () => fullTree(depth)) });
  const { digest } = await store.put(model);
  return new ModelCache(store, pool, inlineLimitMs).load({
    digest,
    tensor: "features",
    output: "prediction",
    width: WIDTH,
  });
}

test("how many rows may run on the serving thread is measured on many rows, not told from one", async () => {
  const many = await load(1000, 7, Number.POSITIVE_INFINITY);
  // 256 of its rows take five times as long as is allowed.
  expect(many.inlineRows).toBeGreaterThanOrEqual(1);
  expect(many.inlineRows).toBeLessThanOrEqual(128);
  const few = await load(1, 1, Number.POSITIVE_INFINITY);
  expect(few.inlineRows).toBeGreaterThan(many.inlineRows);
  expect((await few.runHere(new Float32Array(few.inlineRows * WIDTH), few.inlineRows)).length).toBe(few.inlineRows);
});

test("a model over the limit for one row never runs there", async () => {
  expect((await load(1, 2, 0)).inlineRows).toBe(0);
});
