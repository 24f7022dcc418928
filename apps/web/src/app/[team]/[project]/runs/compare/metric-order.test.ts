import { expect, it } from "vitest";
import { historiesFirst, isHistory } from "./metric-order.ts";

it("puts histories in front, counters behind them, single values last", () => {
  const long = new Set(["epoch", "train/loss", "val/auc", "global_step"]);
  const order = historiesFirst(["auc", "epoch", "global_step", "n", "train/loss", "val/auc"], (key) => long.has(key));
  expect(order).toEqual(["train/loss", "val/auc", "epoch", "global_step", "auc", "n"]);
});

it("knows a history by its points, its last step or its range", () => {
  const searched = {
    metrics: {
      loss: { least: 0.1, greatest: 1, lastStep: 0 },
      flat: { least: 1, greatest: 1, lastStep: 9 },
      once: { least: 1, greatest: 1, lastStep: 0 },
      never: { least: null, greatest: null, lastStep: 0 },
    },
  };
  const known = ["loss", "flat", "once", "never", "absent"].filter((key) =>
    isHistory([{ metrics: {} }, searched], key),
  );
  expect(known).toEqual(["loss", "flat"]);
  const own = {
    metrics: { a: 1, b: 1 },
    series: [
      { key: "a", received: 2 },
      { key: "b", received: 1 },
    ],
  };
  expect(["a", "b", "c"].filter((key) => isHistory([own], key))).toEqual(["a"]);
});
