import { isAppError } from "@ballast/core";
import { expect, test } from "vitest";
import { parseFeatureView } from "./definition.ts";

const share = {
  kind: "trailing_share",
  name: "congestion",
  source: "flights",
  knownAt: "known_at",
  requestTime: "departure_utc",
  of: "late",
  features: [{ name: "origin_3h", key: "origin", windowMs: 10_800_000 }],
};

test("defaults are filled in", () => {
  expect(parseFeatureView(share)).toEqual({ ...share, description: "", onMissing: "null" });
});

const cases: [string, unknown, string][] = [
  ["no kind", {}, "kind"],
  ["another kind", { ...share, kind: "mean" }, "kind"],
  ["a bad name", { ...share, name: "Congestion!" }, "name"],
  ["no features", { ...share, features: [] }, "features"],
  [
    "half a millisecond",
    { ...share, features: [{ ...share.features[0], windowMs: 90_000.5 }] },
    "features[0].windowMs",
  ],
  ["a feature twice", { ...share, features: [share.features[0], share.features[0]] }, "features[1].name"],
  ["a misspelt field", { ...share, onmissing: "null" }, "definition"],
  [
    "an unknown operation",
    { kind: "request", name: "row", features: [{ name: "x", expression: { op: "log", column: "x" } }] },
    "features[0].expression.op",
  ],
  ["nothing at all", null, "definition"],
];

test.each(cases)("refused, naming the field: %s", (_, input, field) => {
  try {
    parseFeatureView(input);
    expect.fail("was accepted");
  } catch (error) {
    if (!isAppError(error)) throw error;
    expect(error.code).toBe("invalid_input");
    expect(error.message).toContain(`Feature view, ${field}:`);
  }
});
