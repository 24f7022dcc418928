import { expect, test } from "vitest";
import { refuseUnstorable } from "./storable-input.ts";

const circular: Record<string, unknown> = { name: "a" };
circular.inner = { again: circular };
const deep = Array.from({ length: 200 }).reduce<unknown>((inner) => ({ inner }), 1);

test.each<[string, unknown, string]>([
  ["a NUL in text", { version: { name: "a\u0000b" } }, "version.name holds a NUL character"],
  ["a NUL in a key", { params: { "a\u0000": 1 } }, "params has a key with a NUL character"],
  ["half a surrogate pair", { tags: ["fine", "\ud83d"] }, "tags.1 holds half of a surrogate pair"],
  ["a date beyond four digits", { to: new Date(8.64e15) }, "to must be a date of the years 1 to 9999"],
  ["the year 0", { to: new Date("0000-12-31T00:00:00Z") }, "to must be a date"],
  ["no date", { to: new Date(Number.NaN) }, "to must be a date"],
  ["a big integer", { limit: 10n }, "limit is a bigint"],
  ["a map", { limit: new Map() }, "limit is a Map"],
  ["itself", circular, "inner.again contains itself"],
  ["too many levels", deep, "nested more than 60 levels"],
])("refuses %s and names the field", (_what, input, message) => {
  expect(() => refuseUnstorable(input)).toThrow(message);
});

test("lets through what JSON and timestamps hold, and a value that is there twice", () => {
  const shared = { unit: "mile" };
  const input = {
    a: shared,
    b: [shared, null, undefined, 1.5, true, "😀 déjà vu"],
    at: new Date(0),
    o: Object.create(null),
  };
  expect(() => refuseUnstorable(input)).not.toThrow();
  expect(() => refuseUnstorable(undefined)).not.toThrow();
});
