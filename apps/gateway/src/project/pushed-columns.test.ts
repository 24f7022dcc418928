import type { FeatureViewDefinition } from "@ballast/db";
import { expect, test } from "vitest";
import { checkPushedColumns } from "./pushed-columns.ts";

const view: FeatureViewDefinition = {
  ...{ kind: "trailing_share", name: "congestion", description: "", source: "flights", onMissing: "null" },
  ...{ knownAt: "landed", requestTime: "t", of: "late", features: [] },
};
const snapshot = {
  views: [{ name: "congestion", version: 1, definition: view }],
  pipelines: [
    { pipeline: "delay", source: "flights", label: "late", rowTime: "departure", knownAt: "known_at" },
    { pipeline: "other", source: "trains", label: "platform", rowTime: "origin", knownAt: "origin" },
  ],
};
const T = Date.UTC(2001, 0, 11);
const good = { landed: [T], departure: [T, T], known_at: [T, null], late: [true, 0], origin: ["ORD", "JFK"] };
const check = (columns: Record<string, unknown[]>) => checkPushedColumns(snapshot, "flights", { ...good, ...columns });

test("what pipelines and views read must be what they can read, and the column that is not is named", () => {
  check({});
  checkPushedColumns(snapshot, "flights", { origin: ["ORD"] });
  checkPushedColumns(snapshot, "planes", { departure: ["soon"] });
  expect(() => check({ known_at: [null, "2001-01-11T00:00:00Z"] })).toThrow(
    'Column "known_at", row 1: must be an integer, milliseconds since the epoch, for training pipeline "delay".',
  );
  expect(() => check({ departure: [T + 0.5] })).toThrow('Column "departure", row 0: must be an integer');
  expect(() => check({ late: [null, "yes"] })).toThrow('Column "late", row 1: must be a number for training pipeline');
});

test("a moment in another unit is named as such", () => {
  expect(() => check({ known_at: [T / 1000] })).toThrow('Column "known_at", row 0: 979171200 looks like seconds');
  expect(() => check({ departure: [T * 1000] })).toThrow("looks like microseconds");
  expect(() => check({ landed: [0] })).toThrow('"landed", row 0: 0 lies before 1973-03-03; feature view "congestion"');
});
