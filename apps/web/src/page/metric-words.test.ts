import { expect, it } from "vitest";
import { bestOf, metricWords, orderMetrics, plainNumber } from "./metric-words.ts";

it("knows which end of a metric wins, and that one value wins nothing", () => {
  expect(bestOf("brier", [0.15, undefined, 0.14])).toBe(0.14);
  expect(bestOf("auc", [0.7, 0.72])).toBe(0.72);
  expect(bestOf("auc", [0.7, 0.7])).toBeUndefined();
  expect(bestOf("rows_train", [10, 20])).toBeUndefined();
  expect(bestOf("trainer_validation_loss", [0.4, 0.3])).toBe(0.3);
});

it("writes a metric in its own unit", () => {
  expect(metricWords("cost_micros").text(3_600)).toBe("0.0036");
  expect(metricWords("train_seconds").text(78)).toBe("1\u202fmin 18\u202fs");
  expect(metricWords("calibration_gap").text(-0.02)).toBe("\u22120.0200");
  expect(metricWords("trainer_trees").text(100)).toBe("100");
});

it("puts what one reads first first, and writes unknown numbers without loss of size", () => {
  expect(orderMetrics(["zeta", "n", "brier", "auc", "alpha"])).toEqual(["auc", "brier", "n", "alpha", "zeta"]);
  expect(plainNumber(0.0000071)).toBe("7.1e\u22126");
  expect(plainNumber(-12345.678)).toBe("\u221212,350");
  expect(plainNumber(200)).toBe("200");
});
