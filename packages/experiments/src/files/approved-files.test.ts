import { expect, test } from "vitest";
import { foldersOfSource } from "./approved-files.ts";

test.each([
  ["runs:/r1/model", ["model"]],
  ["runs:///r1//a/./b/", ["a/b"]],
  ["RUNS:/r1", [""]],
  ["runs:/r1/artifacts/net", ["artifacts/net"]],
  ["mlflow-artifacts:/0/r1/artifacts/net", ["net"]],
  ["mlflow-artifacts://host/0/r1/artifacts", [""]],
  ["models:/r1", [""]],
  ["runs:/r1/a%62c", ["a%62c", "abc"]],
  ["runs:/r1/model#2", ["model#2", "model"]],
  ["runs:/r11/model", []],
  ["", []],
])("%s names %j of r1", (source, folders) => {
  expect(foldersOfSource(source, "r1")).toEqual(folders);
});
