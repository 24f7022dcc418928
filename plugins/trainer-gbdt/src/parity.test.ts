import { checkModel, type TrainingTable, type TrainResult } from "@ballast/plugin-sdk";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { syntheticTable } from "../fixtures/synthetic-table.ts";
import { seededRandom } from "./random.ts";
import { gbdtTrainer } from "./trainer.ts";

/** What ONNX Runtime makes of the exported model. */
async function runOnnx(result: TrainResult, table: Pick<TrainingTable, "rows" | "features">): Promise<Float32Array> {
  const width = table.features.length;
  const rowMajor = new Float32Array(table.rows * width);
  table.features.forEach((column, j) => {
    column.forEach((value, i) => {
      rowMajor[i * width + j] = value;
    });
  });
  const session = await InferenceSession.create(result.onnx, { intraOpNumThreads: 1 });
  const outputs = await session.run({ features: new Tensor("float32", rowMajor, [table.rows, width]) });
  const output = outputs[session.outputNames[0] as string] as Tensor;
  expect(output.dims).toEqual([table.rows, 1]);
  return output.data as Float32Array;
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - (b[i] as number))), 0);
}

describe("the exported ONNX model", () => {
  it.each(["binary", "regression"] as const)("%s: equals predict() on every held-out row", async (task) => {
    const train = syntheticTable(20_000, 21)[task];
    const held = syntheticTable(20_000, 22)[task];
    const result = await gbdtTrainer.train({ task, train, params: { maxTrees: 80 }, seed: 1 });
    expect(furthest(await runOnnx(result, held), result.predict(held))).toBeLessThanOrEqual(1e-5);
    // Training rows hold the thresholds themselves: the boundary must fall on the same side.
    expect(furthest(await runOnnx(result, train), result.predict(train))).toBeLessThanOrEqual(1e-5);
    expect(checkModel(result.onnx)).toMatchObject({
      inputs: [{ name: "features", datatype: "FP32", shape: [-1, 6] }],
      outputs: [{ name: task === "binary" ? "probability" : "prediction", datatype: "FP32", shape: [-1, 1] }],
      metadata: { "ballast.features": '["a","b","c","d","e","f"]', "ballast.task": task },
    });
  });

  it("agrees on infinities, signed zeros, denormals and values one float away from a threshold", async () => {
    const train = syntheticTable(5_000, 23).binary;
    const result = await gbdtTrainer.train({ task: "binary", train, params: { maxTrees: 40 }, seed: 1 });
    const nudged = (column: Float32Array, step: number) => {
      const copy = column.slice();
      const bits = new Int32Array(copy.buffer);
      for (let i = 0; i < bits.length; i++) if (!Number.isNaN(copy[i])) bits[i] = (bits[i] as number) + step;
      return copy;
    };
    const odd = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0, 1e-45, -1e-45, 3e38, Number.NaN];
    for (const features of [
      train.features.map((column) => nudged(column, 1)),
      train.features.map((column) => nudged(column, -1)),
      train.features.map((column, j) => column.map((_, i) => odd[(i + j) % odd.length] as number)),
    ]) {
      const table = { rows: train.rows, features };
      expect(furthest(await runOnnx(result, table), result.predict(table))).toBeLessThanOrEqual(1e-5);
    }
  });

  it("splits missing from known when only that matters, and scores a feature that is missing only later", async () => {
    const random = seededRandom(24);
    const rows = 2_000;
    const gappy = Float32Array.from({ length: rows }, () => (random() < 0.3 ? Number.NaN : Math.floor(random() * 3)));
    const whole = Float32Array.from({ length: rows }, random);
    const label = gappy.map((value, i) => (Number.isNaN(value) !== (whole[i] as number) > 0.8 ? 1 : 0));
    const train = { rows, featureNames: ["gappy", "whole"], features: [gappy, whole], label };
    const result = await gbdtTrainer.train({ task: "binary", train, params: { maxTrees: 60 }, seed: 1 });
    const probe = {
      rows: 4,
      features: [Float32Array.of(Number.NaN, 1, 99, 1), Float32Array.of(0.1, 0.1, 0.1, Number.NaN)],
    };
    const predicted = result.predict(probe);
    expect(predicted[0]).toBeGreaterThan(0.95);
    expect(predicted[1]).toBeLessThan(0.05);
    expect(predicted[2]).toBeLessThan(0.05);
    expect(predicted[3]).toBeLessThan(0.05); // `whole` never missing in training: with the larger side
    expect(furthest(await runOnnx(result, probe), predicted)).toBeLessThanOrEqual(1e-5);
  });

  it("serves a model that found nothing to split", async () => {
    const label = Float32Array.from({ length: 100 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const train = { rows: 100, featureNames: ["same"], features: [new Float32Array(100)], label };
    const result = await gbdtTrainer.train({ task: "binary", train, params: {}, seed: 1 });
    expect(result.predict(train)[0]).toBeCloseTo(0.25, 6);
    expect(furthest(await runOnnx(result, train), result.predict(train))).toBeLessThanOrEqual(1e-6);
  });
});
