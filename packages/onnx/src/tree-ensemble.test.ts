import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { buildTreeEnsembleModel, type TreeEnsemble, type TreeNodes } from "./tree-ensemble.ts";

/** `feature[1] <= 2 ? 1 : (feature[0] <= -1 ? 10 : 100)`; missing: left at the root, right below. */
const tree: TreeNodes = {
  feature: Int32Array.of(1, -1, 0, -1, -1),
  threshold: Float32Array.of(2, 0, -1, 0, 0),
  left: Int32Array.of(1, -1, 3, -1, -1),
  right: Int32Array.of(2, -1, 4, -1, -1),
  missingLeft: Uint8Array.of(1, 0, 0, 0, 0),
  value: Float32Array.of(0, 1, 0, 10, 100),
};
const ensemble: TreeEnsemble = { task: "regression", featureNames: ["a", "b"], baseValue: 0.5, trees: [tree, tree] };

async function run(bytes: Uint8Array, rows: [number, number][]): Promise<number[]> {
  const session = await InferenceSession.create(bytes);
  const output = session.outputNames[0] as string;
  const input = new Tensor("float32", Float32Array.from(rows.flat()), [rows.length, 2]);
  return Array.from((await session.run({ features: input }))[output]?.data as Float32Array);
}

describe("buildTreeEnsembleModel", () => {
  it("adds up trees, with `<=` to the left and missing values where the node says", async () => {
    const rows: [number, number][] = [
      [0, 2],
      [-1, 2.0000002],
      [-0.99, 3],
      [0, Number.NaN],
      [Number.NaN, 3],
    ];
    expect(await run(buildTreeEnsembleModel(ensemble), rows)).toEqual([2.5, 20.5, 200.5, 2.5, 200.5]);
  });

  it("applies the sigmoid for a binary task and names the output", async () => {
    const bytes = buildTreeEnsembleModel({ ...ensemble, task: "binary", metadata: { "ballast.run": "run_1" } });
    expect((await run(bytes, [[0, 2]]))[0]).toBeCloseTo(1 / (1 + Math.exp(-2.5)), 6);
    expect(checkModel(bytes)).toMatchObject({
      producer: "ballast",
      inputs: [{ name: "features", datatype: "FP32", shape: [-1, 2] }],
      outputs: [{ name: "probability", datatype: "FP32", shape: [-1, 1] }],
      metadata: { "ballast.features": '["a","b"]', "ballast.task": "binary", "ballast.run": "run_1" },
    });
  });

  it("builds a model of no trees", async () => {
    expect(await run(buildTreeEnsembleModel({ ...ensemble, trees: [] }), [[1, 1]])).toEqual([0.5]);
  });

  it.each<[string, Partial<TreeEnsemble>, string]>([
    ["a cycle", { trees: [{ ...tree, left: Int32Array.of(0, -1, 3, -1, -1) }] }, "Tree 0, node 0"],
    ["a feature that is not there", { featureNames: ["a"] }, "Tree 0, node 0"],
    ["a NaN leaf", { trees: [tree, { ...tree, value: new Float32Array(5).fill(Number.NaN) }] }, "Tree 1, leaf 1"],
    ["an infinite base value", { baseValue: Number.POSITIVE_INFINITY }, "baseValue is Infinity"],
    ["no features", { featureNames: [] }, "featureNames is empty"],
  ])("refuses %s", (_, overrides, message) => {
    expect(() => buildTreeEnsembleModel({ ...ensemble, ...overrides })).toThrow(message);
  });
});
