import { describe, expect, it } from "vitest";
import { parseParams } from "./params.ts";

describe("parseParams", () => {
  it("fills in defaults and keeps what is given", () => {
    expect(parseParams({ maxTrees: 7 })).toMatchObject({ maxTrees: 7, maxLeaves: 31, learningRate: 0.1, patience: 10 });
  });

  it.each([
    [{ max_trees: 10 }, "params.max_trees is not a parameter"],
    [{ toString: 1 }, "params.toString is not a parameter"],
    [{ maxTrees: 0 }, "params.maxTrees is 0; it is most trees to grow: an integer from 1 to 10000."],
    [{ maxTrees: 1.5 }, "params.maxTrees is 1.5"],
    [{ maxBins: 256 }, "params.maxBins is 256"],
    [{ learningRate: "fast" }, 'params.learningRate is "fast"'],
    [{ l2: Number.NaN }, "params.l2 is NaN"],
  ])("refuses %j by name", (params, message) => {
    expect(() => parseParams(params as Record<string, number>)).toThrow(message);
  });
});
