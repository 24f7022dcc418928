import { expect, it } from "vitest";
import { readEvidence } from "./evidence.ts";

it("keeps what it knows and drops what it cannot read", () => {
  const evidence = readEvidence({
    rows: 1728,
    windows: "3",
    statistics: [
      { test: "ks", statistic: "Kolmogorov–Smirnov D", value: 0.283, limit: null },
      { test: "js", statistic: "Jensen–Shannon", value: 0.296, limit: 0.087 },
      { test: "psi", value: 1 },
      null,
    ],
  });
  expect(evidence).toEqual({
    rows: 1728,
    windows: undefined,
    statistics: [
      { test: "ks", statistic: "Kolmogorov–Smirnov D", value: 0.283, limit: null },
      { test: "js", statistic: "Jensen–Shannon", value: 0.296, limit: 0.087 },
    ],
  });
  expect(readEvidence({})).toEqual({ rows: undefined, windows: undefined, statistics: [] });
});
