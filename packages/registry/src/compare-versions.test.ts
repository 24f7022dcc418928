import { expect, test } from "vitest";
import { differences, type VersionFacts } from "./compare-versions.ts";

const facts = (more: Partial<VersionFacts>): VersionFacts => ({
  ...{ parameters: {}, metrics: {}, signature: {}, serving: {}, lineage: {}, files: {}, tags: {} },
  ...more,
});

test("only what differs is a row; what one of them lacks differs; the same is counted by section", () => {
  const { rows, same } = differences([
    facts({
      parameters: { depth: "3", trees: "9" },
      metrics: { auc: 0.7, n: 10 },
      serving: { order: "a, b", a: "v.a" },
    }),
    facts({ parameters: { depth: "4", trees: "9" }, metrics: { auc: 0.7 }, serving: { order: "b, a", a: "v.a" } }),
    facts({
      parameters: { depth: "3", trees: "9" },
      metrics: { auc: 0.7, n: 10 },
      serving: { order: "a, b", a: "v.a" },
    }),
  ]);
  expect(rows).toEqual([
    { section: "parameters", key: "depth", values: ["3", "4", "3"] },
    { section: "metrics", key: "n", values: [10, null, 10] },
    { section: "serving", key: "order", values: ["a, b", "b, a", "a, b"] },
  ]);
  expect(same).toMatchObject({ parameters: 1, metrics: 1, serving: 1, lineage: 0, tags: 0 });
});
