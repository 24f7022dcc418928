import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSignature } from "./logged-signature.ts";

/** Written by MLflow's own client, see `fixtures/make-mlmodel.py`. */
const written = (name: string) =>
  readSignature(readFileSync(join(import.meta.dirname, "fixtures", `${name}.MLmodel`), "utf8"));
const column = (name: string | null, type: string, required = true) => ({ name, type, shape: null, required });

test("columns with their types, the lines folded as the client folds them", () => {
  const long = "origin airport, with a name that is long enough to make the line be folded by the writer";
  expect(written("columns")).toEqual({
    inputs: [
      column("distance", "double"),
      column(long, "string"),
      column("hour", "long", false),
      column("stops", "array of long"),
      column("place", "object of lat, lon"),
      column("tags", "map of string"),
    ],
    outputs: [column(null, "double")],
    params: [
      { name: "threshold", type: "double", default: "0.5" },
      { name: "labels", type: "string", default: '["a","b"]' },
    ],
  });
});

test("tensors with their shapes", () => {
  expect(written("tensors")).toEqual({
    inputs: [{ name: "image", type: "float32", shape: [-1, 28, 28], required: true }],
    outputs: [{ name: null, type: "int64", shape: [-1], required: true }],
    params: [],
  });
});

test("a model without a signature has none, nor has a file that is no MLmodel", () => {
  expect(written("none")).toBeNull();
  for (const text of [
    "",
    "[]",
    "signature: {inputs: '[{}]'}",
    "signature:\n  inputs: '[{\"type\": 1}]'",
    "a: &a [*a]",
    "\u0000",
    "{",
  ])
    expect(readSignature(text)).toBeNull();
  const laughs = [
    "a: &a [x,x,x,x,x,x,x,x,x]",
    ...[..."bcdefghi"].map((c, i) => `${c}: &${c} [${`*${"abcdefghi"[i]},`.repeat(9)}]`),
  ];
  expect(readSignature(`${laughs.join("\n")}\nsignature: *i`)).toBeNull();
});
