import { expect, test } from "vitest";
import { type ConversionRule, convert, rulesByColumn, rulesFor } from "./conversions.ts";

const rule = (revision: number, more: Partial<ConversionRule>): ConversionRule => ({
  ...{ revision, column: "distance", factor: 0.5, offset: 0, from: 100, ...more },
});

test("a conversion reaches those who were seen to need it; an old one reaches everybody", () => {
  const rules = [
    rule(1, {}),
    rule(2, { appliesTo: { deployments: ["dep_a"], sources: [] } }),
    rule(3, { appliesTo: { deployments: [], sources: ["flights"] } }),
    rule(4, { appliesTo: null }),
  ];
  const revisions = (reader: Parameters<typeof rulesFor>[1]) => rulesFor(rules, reader).map(({ revision }) => revision);
  expect(revisions({ deployment: "dep_a" })).toEqual([1, 2, 4]);
  expect(revisions({ deployment: "dep_b" })).toEqual([1, 4]);
  expect(revisions({ source: "flights" })).toEqual([1, 3, 4]);
  expect(revisions({ source: "dep_a" })).toEqual([1, 4]);
});

test("the latest start that is not after the row wins, among equals the highest revision", () => {
  const rules = rulesByColumn([rule(1, {}), rule(2, { factor: 3 }), rule(3, { from: 200, factor: 1, offset: 7 })]);
  expect([99, 100, 199, 200].map((t) => convert(rules.get("distance"), t, 10))).toEqual([10, 30, 30, 17]);
});
