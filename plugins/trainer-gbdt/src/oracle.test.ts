import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checksum, syntheticTable } from "../fixtures/synthetic-table.ts";
import { OBJECTIVES } from "./objective.ts";
import { areaUnderRoc } from "./scoring.ts";
import { gbdtTrainer } from "./trainer.ts";

type Sums = ReturnType<typeof checksum>;
interface Oracle {
  heldOut: { maxTrees: number; checksum: [Sums, Sums]; auc: number; logLoss: number; mse: number };
  exact: {
    maxTrees: number;
    maxLeaves: number;
    l2: number;
    checksum: Sums;
    probability: number[];
    prediction: number[];
  };
}
const oracle: Oracle = JSON.parse(
  readFileSync(new URL("../fixtures/scikit-learn-oracle.json", import.meta.url), "utf8"),
);

describe("gbdt beside scikit-learn's histogram gradient boosting", () => {
  const { heldOut, exact } = oracle;
  const train = syntheticTable(20_000, 1);
  const test = syntheticTable(10_000, 2);
  const coarse = syntheticTable(3_000, 3, true);

  it("is given the same data", () => {
    for (const [ours, theirs] of [
      [checksum(train), heldOut.checksum[0]],
      [checksum(test), heldOut.checksum[1]],
      [checksum(coarse), exact.checksum],
    ] as const) {
      for (const key of ["features", "missing", "label", "target"] as const)
        expect(ours[key]).toBeCloseTo(theirs[key], 6);
    }
  });

  it("ranks held-out rows as well: AUC within .005, log loss within 1 %", async () => {
    const params = { maxTrees: heldOut.maxTrees };
    const { predict } = await gbdtTrainer.train({ task: "binary", train: train.binary, params, seed: 1 });
    const probability = predict(test.binary);
    expect(Math.abs(areaUnderRoc(probability, test.binary.label) - heldOut.auc)).toBeLessThan(0.005);
    const odds = Float64Array.from(probability, (p) => Math.log(p / (1 - p)));
    expect(OBJECTIVES.binary.loss(odds, test.binary.label)).toBeLessThan(heldOut.logLoss * 1.01);
  });

  it("predicts numbers as well: held-out mean squared error within 2 %", async () => {
    const params = { maxTrees: heldOut.maxTrees };
    const { predict } = await gbdtTrainer.train({ task: "regression", train: train.regression, params, seed: 1 });
    const predicted = predict(test.regression);
    const mse = predicted.reduce((sum, p, i) => sum + (p - (test.regression.label[i] as number)) ** 2, 0) / 10_000;
    expect(mse).toBeLessThan(heldOut.mse * 1.02);
  });

  it.each(["binary", "regression"] as const)(
    "%s: the same candidate splits give the same model, row by row",
    async (task) => {
      const { maxTrees, maxLeaves, l2 } = exact;
      const { predict } = await gbdtTrainer.train({
        task,
        train: coarse[task],
        params: { maxTrees, maxLeaves, l2 },
        seed: 1,
      });
      const ours = predict(coarse[task]);
      const theirs = task === "binary" ? exact.probability : exact.prediction;
      const furthest = Math.max(...theirs.map((value, i) => Math.abs(value - (ours[i] as number))));
      expect(furthest).toBeLessThan(5e-6);
    },
  );
});
