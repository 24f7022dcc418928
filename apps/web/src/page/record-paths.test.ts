import { expect, it } from "vitest";
import { artifactPath, splitVersionLabel } from "./record-paths.ts";

it("finds the page of what a run read or made by its label", () => {
  const base = "/t/p";
  expect(artifactPath(base, { kind: "dataset_version", id: "dsv_1", label: "flights v2" })).toBe(
    "/t/p/datasets/flights?version=2",
  );
  expect(artifactPath(base, { kind: "model_version", id: "mv_1", label: "flight-late v12" })).toBe(
    "/t/p/models/flight-late/v12",
  );
  expect(artifactPath(base, { kind: "feature_view", id: "fv_1", label: "flight" })).toBe("/t/p/features/flight");
  expect(artifactPath(base, { kind: "artifact", id: "0".repeat(64), label: "model.onnx" })).toBeUndefined();
  expect(artifactPath(base, { kind: "logged_model", id: "m-1", label: "m-1" })).toBe(
    "/t/p/lineage?kind=logged_model&id=m-1",
  );
  expect(artifactPath(base, { kind: "dataset", id: "tds_1", label: "wdbc" })).toBe(
    "/t/p/lineage?kind=tracked_dataset&id=tds_1",
  );
  expect(splitVersionLabel("2001-02-26 to 2001-03-18")).toBeNull();
});
