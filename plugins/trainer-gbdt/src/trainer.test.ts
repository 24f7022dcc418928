import type { TrainingProgress, TrainRequest } from "@ballast/plugin-sdk";
import { describe, expect, it } from "vitest";
import { syntheticTable } from "../fixtures/synthetic-table.ts";
import { seededRandom } from "./random.ts";
import { gbdtTrainer } from "./trainer.ts";

const train = syntheticTable(4_000, 31).binary;
const validation = syntheticTable(2_000, 32).binary;

function request(overrides: Partial<TrainRequest> = {}): TrainRequest {
  return { task: "binary", train, params: { maxTrees: 30 }, seed: 1, ...overrides };
}

describe("gbdt trainer", () => {
  it("is deterministic: equal input and seed give equal bytes", async () => {
    const [a, b] = [await gbdtTrainer.train(request()), await gbdtTrainer.train(request())];
    expect(Buffer.from(a.onnx).equals(Buffer.from(b.onnx))).toBe(true);
    expect(a.metrics).toEqual(b.metrics);
  });

  it("stops early, keeps the best round and meters the rounds it ran", async () => {
    const losses: number[] = [];
    const onProgress = ({ loss }: TrainingProgress) => losses.push(loss as number);
    const params = { maxTrees: 500, learningRate: 0.3, patience: 5 };
    const result = await gbdtTrainer.train(request({ validation, params, onProgress }));
    const best = losses.indexOf(Math.min(...losses)) + 1;
    expect(losses.length).toBeLessThan(500);
    expect(losses.length).toBe(best + 5);
    expect(result.metrics.trees).toBe(best);
    expect(result.metrics.validation_loss).toBeCloseTo(Math.min(...losses), 5);
    expect(result.metrics.validation_auc).toBeGreaterThan(0.8);
    expect(result.usage).toEqual({ unit: "Mrow_trees", quantity: (4_000 * losses.length) / 1e6, worstCase: 2 });
  });

  it("keeps every tree when patience is 0, and none when no tree helps", async () => {
    const all = await gbdtTrainer.train(
      request({ validation, params: { maxTrees: 40, learningRate: 0.5, patience: 0 } }),
    );
    expect(all.metrics.trees).toBe(40);
    const random = seededRandom(33);
    const shuffled = { ...validation, label: validation.label.map(() => (random() < 0.2 ? 1 : 0)) };
    const none = await gbdtTrainer.train(
      request({
        train: { ...train, label: train.label.map((y) => 1 - y) },
        validation: shuffled,
        params: { minDelta: 1 },
      }),
    );
    expect(none.metrics.trees).toBe(0);
    const share = train.label.reduce((sum, y) => sum + 1 - y, 0) / train.rows;
    expect(none.predict(train)[0]).toBeCloseTo(share, 6);
  });

  it("respects the limits on a tree exactly", async () => {
    const params = { maxTrees: 1, learningRate: 1, maxLeaves: 12, maxDepth: 4, minSamplesLeaf: 90 };
    const values = (await gbdtTrainer.train(request({ params }))).predict(train);
    const sizes = new Map<number, number>();
    for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
    expect(sizes.size).toBeLessThanOrEqual(12);
    expect(sizes.size).toBeGreaterThan(6);
    expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(90);
    const shallow = (await gbdtTrainer.train(request({ params: { ...params, maxDepth: 2 } }))).predict(train);
    expect(new Set(shallow).size).toBeLessThanOrEqual(4);
  });

  it("puts the features that matter first", async () => {
    const random = seededRandom(34);
    const features = Array.from({ length: 3 }, () => Float32Array.from({ length: 3_000 }, random));
    const label = Float32Array.from({ length: 3_000 }, (_, i) => {
      const [, b, c] = features.map((column) => column[i] as number) as [number, number, number];
      return 10 * b + 3 * c;
    });
    const table = { rows: 3_000, featureNames: ["noise", "strong", "weak"], features, label };
    const { featureImportance } = await gbdtTrainer.train({ task: "regression", train: table, params: {}, seed: 1 });
    expect(featureImportance.map(({ feature }) => feature)).toEqual(["strong", "weak", "noise"]);
  });

  it("estimates what training then reports as the worst case", async () => {
    const { usage } = await gbdtTrainer.train(request());
    expect(gbdtTrainer.estimate({ rows: 4_000, features: 6, params: { maxTrees: 30 } })).toEqual({
      unit: usage.unit,
      worstCase: usage.worstCase,
    });
    expect(() => gbdtTrainer.estimate({ rows: 1, features: 1, params: { trees: 3 } })).toThrow("params.trees");
  });

  it("stops between rounds when aborted, and lets timers run meanwhile", async () => {
    const table = syntheticTable(20_000, 35).binary;
    const controller = new AbortController();
    const reason = new Error("budget withdrawn");
    let rounds = 0;
    const timer = setTimeout(() => controller.abort(reason), 60);
    const training = gbdtTrainer.train({
      ...request({ train: table, params: { maxTrees: 10_000, minSamplesLeaf: 1 } }),
      signal: controller.signal,
      onProgress: () => rounds++,
    });
    await expect(training).rejects.toBe(reason);
    clearTimeout(timer);
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(10_000);
  });

  it("stops after the very round whose progress call aborts, and before the first when already aborted", async () => {
    const controller = new AbortController();
    const done: number[] = [];
    const onProgress = (progress: TrainingProgress) => {
      done.push(progress.done);
      if (progress.done === 3) controller.abort();
    };
    const aborted = request({ signal: controller.signal, onProgress });
    await expect(gbdtTrainer.train(aborted)).rejects.toMatchObject({ name: "AbortError" });
    await expect(gbdtTrainer.train(aborted)).rejects.toMatchObject({ name: "AbortError" });
    expect(done).toEqual([1, 2, 3]);
  });

  it.each([1e-3, 1e-6])("stays finite on separable data at full steps, least hessian %d", async (minChildHessian) => {
    const label = (train.features[0] as Float32Array).map((x) => (x > 0 ? 1 : 0));
    const params = { maxTrees: 400, learningRate: 1, minChildHessian };
    const result = await gbdtTrainer.train(request({ train: { ...train, label }, params }));
    expect(result.metrics.train_loss).toBeLessThan(1e-6);
    expect(result.predict(train).every((p, i) => Math.abs(p - (label[i] as number)) < 1e-3)).toBe(true);
  });

  it("keeps its footing on targets of any size", async () => {
    for (const scale of [1e-20, 1e15]) {
      const label = syntheticTable(4_000, 31).regression.label.map((y) => y * scale);
      const result = await gbdtTrainer.train(request({ task: "regression", train: { ...train, label } }));
      const predicted = result.predict(train);
      const residual = predicted.reduce((sum, p, i) => sum + ((p - (label[i] as number)) / scale) ** 2, 0) / 4_000;
      expect(residual, `scale ${scale}`).toBeLessThan(3);
    }
  });

  it.each<[string, Partial<TrainRequest>, string]>([
    [
      "labels other than 0 and 1",
      { train: { ...train, label: train.label.map((y) => y * 2) } },
      "for binary every label",
    ],
    ["NaN targets", { task: "regression", train: { ...train, label: train.label.map(() => Number.NaN) } }, "is NaN"],
    ["one class only", { train: { ...train, label: new Float32Array(4_000) } }, "holds only the class 0"],
    ["short columns", { train: { ...train, features: train.features.map((c) => c.slice(1)) } }, "features[0] has 3999"],
    ["missing columns", { train: { ...train, features: train.features.slice(1) } }, "has 5 columns, expected 6"],
    ["no rows", { train: { ...train, rows: 0 } }, "train.rows is 0"],
    ["repeated names", { train: { ...train, featureNames: ["a", "a", "c", "d", "e", "f"] } }, 'holds "a" twice'],
    [
      "another validation schema",
      { validation: { ...validation, featureNames: ["a", "b", "c", "d", "f", "e"] } },
      "differ",
    ],
    ["an unknown parameter", { params: { depth: 3 } }, "params.depth is not a parameter of gbdt"],
    ["a seed that is no integer", { seed: 0.5 }, "seed is 0.5"],
  ])("refuses %s", async (_, overrides, message) => {
    await expect(gbdtTrainer.train(request(overrides))).rejects.toMatchObject({
      name: "AppError",
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
  });

  it("refuses to score a table with other columns", async () => {
    const { predict } = await gbdtTrainer.train(request({ params: { maxTrees: 2 } }));
    expect(() => predict({ rows: 1, features: [new Float32Array(1)] })).toThrow(
      "table.features has 1 columns, expected 6",
    );
  });
});
