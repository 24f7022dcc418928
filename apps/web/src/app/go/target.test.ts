import { expect, test } from "vitest";
import { linkTarget, placePath } from "./target.ts";

test.each([
  ["#/experiments/exp_1", { kind: "experiment", id: "exp_1" }],
  ["#/experiments/0", { kind: "experiment", id: "0" }],
  ["#/experiments/0/runs/run_1", { kind: "run", id: "run_1" }],
  ["#/experiments/exp_1/runs/run_1/artifacts/model?view=x", { kind: "run", id: "run_1" }],
  ["#/experiments/exp_1/models/m-0123", { kind: "logged_model", id: "m-0123" }],
  ["#/models/late%20flights", { kind: "model", id: "late flights" }],
  ["#/models/late flights/versions/3", { kind: "model", id: "late flights", version: "3" }],
  ["#/models/late/versions/latest", { kind: "model", id: "late" }],
  ["#/models/100%", { kind: "model", id: "100%" }],
])("%s", (hash, target) => {
  expect(linkTarget(hash)).toEqual(target);
});

test.each([
  "",
  "#",
  "#/",
  "#/experiments",
  "#/experiments/",
  "#/prompts/a",
  "#experiments/1",
  "#//evil.example",
  `#/models/${"x".repeat(3000)}`,
])("%s names nothing", (hash) => {
  expect(linkTarget(hash)).toBeNull();
});

test("pages stand below the project that was found, whatever the name says", () => {
  const at = { team: { slug: "t" }, project: { slug: "p" } };
  expect(placePath({ ...at, kind: "run", id: "run_1" }, undefined)).toBe("/t/p/runs/run_1");
  expect(placePath({ ...at, kind: "experiment", id: "exp_1" }, undefined)).toBe("/t/p/runs?experiment=exp_1");
  expect(placePath({ ...at, kind: "model", id: "../a b" }, undefined)).toBe("/t/p/models/..%2Fa%20b");
  expect(placePath({ ...at, kind: "model", id: "late" }, "3")).toBe("/t/p/models/late/v3");
});
