import { expect, test } from "vitest";
import { z } from "zod";
import { fromPlainJson, toPlainJson } from "./plain-json.ts";

test("moments become dates exactly where dates are asked for", () => {
  const schema = z.object({
    name: z.string(),
    from: z.date().optional(),
    range: z.object({ to: z.date().nullable().default(null) }).catchall(z.date()),
    list: z.array(
      z.union([z.object({ kind: z.literal("a"), at: z.date() }), z.object({ kind: z.literal("b"), at: z.string() })]),
    ),
    pair: z.tuple([z.string(), z.date()]),
    byName: z.record(z.string(), z.date()),
  });
  const at = "2001-02-03T04:05:06Z";
  const read = schema.parse(
    fromPlainJson(schema, {
      ...{ name: at, from: "2001-02-03", range: { to: at, more: at }, pair: [at, at], byName: { [at]: at } },
      list: [
        { kind: "a", at },
        { kind: "b", at },
      ],
    }),
  );
  const date = new Date(at);
  expect(read).toEqual({
    ...{ name: at, from: new Date("2001-02-03"), range: { to: date, more: date }, pair: [at, date] },
    byName: { [at]: date },
    list: [
      { kind: "a", at: date },
      { kind: "b", at },
    ],
  });
  for (const wrong of ["yesterday", "2001-13-45T00:00:00Z", 5, null, ["x"], {}])
    expect(schema.shape.from.safeParse(fromPlainJson(schema.shape.from, wrong)).success, String(wrong)).toBe(false);
});

test("what JSON lacks has a text, and nothing gets lost or invented", () => {
  const answer = {
    ...{ nan: Number.NaN, up: Number.POSITIVE_INFINITY, down: -Infinity, n: 0.5, big: 12n ** 20n },
    ...{ at: new Date("2001-02-03T04:05:06.789Z"), gone: undefined, none: null, holes: [undefined, 1] },
    ...{ set: new Set(["a"]), map: new Map([["k", Number.NaN]]), bytes: new Float64Array([1, Number.NaN]) },
  };
  expect(JSON.parse(JSON.stringify(toPlainJson(answer)))).toEqual({
    ...{ nan: "NaN", up: "Infinity", down: "-Infinity", n: 0.5, big: "3833759992447475122176" },
    ...{ at: "2001-02-03T04:05:06.789Z", none: null, holes: [null, 1], set: ["a"], map: { k: "NaN" } },
    bytes: [1, "NaN"],
  });
});
