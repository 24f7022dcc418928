import { expect, it } from "vitest";
import { weightedMean } from "./weighted-mean.ts";

const day = (n: number, auc: number | null) => ({ n, auc });

it("leaves days without a value out of the mean, and their rows out of its base", () => {
  const days = [day(100, 0.7), day(50, null), day(300, 0.8), day(0, 0.1)];
  expect(weightedMean(days, ({ auc }) => auc)).toEqual({ mean: 0.775, n: 400, days: 3 });
  expect(weightedMean([day(50, null)], ({ auc }) => auc)).toBeUndefined();
  expect(weightedMean<{ n: number }>([], () => 1)).toBeUndefined();
});
