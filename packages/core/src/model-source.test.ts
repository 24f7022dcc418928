import { expect, test } from "vitest";
import { filesOfSource, parseSource, placeOfFiles } from "./model-source.ts";

const M = `m-${"a1".repeat(16)}`;

test.each([
  [`models:/${M}`, { kind: "files", owner: "logged_model", ownerId: M, path: "" }],
  [`models:///${M}`, { kind: "files", owner: "logged_model", ownerId: M, path: "" }],
  ["models:/delay/3", { kind: "version", name: "delay", version: 3 }],
  ["models:/delay model@prod", { kind: "alias", name: "delay model", alias: "prod" }],
  ["runs:/run_1/sub/model", { kind: "files", owner: "run", ownerId: "run_1", path: "sub/model" }],
  ["mlflow-artifacts:/7/run_1/artifacts/model", { kind: "files", owner: "run", ownerId: "run_1", path: "model" }],
  ["mlflow-artifacts://host:5000/7/run_1/artifacts", { kind: "files", owner: "run", ownerId: "run_1", path: "" }],
  [`mlflow-artifacts:/7/models/${M}/artifacts`, { kind: "files", owner: "logged_model", ownerId: M, path: "" }],
  ["ab".repeat(32), { kind: "digest", digest: "ab".repeat(32) }],
  ["s3://bucket/key", { kind: "elsewhere" }],
])("%s", (source, parsed) => {
  expect(parseSource(source)).toEqual(parsed);
});

test.each([
  "model",
  "/tmp/model",
  "file:/tmp/model",
  "runs:/",
  "models:/delay",
  "mlflow-artifacts:/7/run_1/model",
  "s3://bucket/../key",
  "runs:/run_1/%252e%252e/model",
  "runs:/run_1/..\\model",
  `s3://${"x".repeat(2_050)}`,
])("refused: %s", (source) => {
  expect(() => parseSource(source)).toThrow("Invalid model version source");
});

test("whose files a source names: none for another version, an address elsewhere, or what reads as no source", () => {
  const run1 = { ownerId: "run_1", path: "a/model" };
  for (const source of [
    "runs:/run_1/a/model",
    "RUNS:///run_1//a/model/",
    "mlflow-artifacts://host/7/run_1/artifacts/a/model",
  ])
    expect(filesOfSource(source)).toEqual(run1);
  for (const source of [null, "models:/delay/3", "s3://bucket/key", "/tmp/model", "runs:/run_1/../model"])
    expect(filesOfSource(source)).toBeNull();
});

test("a version's files are its logged model's, whatever its source says", () => {
  expect(placeOfFiles({ loggedModelId: "m-1", source: "runs:/run_1/model" })).toEqual({ ownerId: "m-1", path: "" });
  expect(placeOfFiles({ loggedModelId: null, source: "runs:/run_1/model" })).toEqual({
    ownerId: "run_1",
    path: "model",
  });
  expect(placeOfFiles({ loggedModelId: null, source: null })).toBeNull();
});
