import { expect, test } from "vitest";
import { ID_PREFIX, type IdKind, isId, newId } from "./id.ts";

test("ids carry their kind and sort by time", () => {
  const early = newId("run", 1_000);
  const late = newId("run", 2_000_000_000_000);
  expect(early < late).toBe(true);
  expect(isId("run", early)).toBe(true);
  expect(isId("modelVersion", early)).toBe(false);
});

test("no two kinds share a prefix", () => {
  const prefixes = Object.keys(ID_PREFIX).map((kind) => ID_PREFIX[kind as IdKind]);
  expect(new Set(prefixes).size).toBe(prefixes.length);
});
