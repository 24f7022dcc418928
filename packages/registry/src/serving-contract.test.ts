import type { FeatureViewDefinition, ServingSpec } from "@ballast/db";
import type { OnnxModel, OnnxTensor } from "@ballast/onnx";
import { expect, test } from "vitest";
import { checkServing } from "./serving-contract.ts";

const views: FeatureViewDefinition[] = [
  {
    kind: "request",
    name: "flight",
    description: "",
    features: [
      { name: "hour", expression: { op: "hour_of_day", column: "t" }, unit: null },
      { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
    ],
  },
  {
    kind: "trailing_share",
    name: "airport",
    description: "",
    source: "flights",
    knownAt: "known",
    requestTime: "t",
    of: "late",
    features: [{ name: "origin_3h", key: "origin", windowMs: 10_800_000 }],
    onMissing: "null",
  },
];
const tensor = (name: string, shape: number[] | null, datatype: OnnxTensor["datatype"] = "FP32"): OnnxTensor => ({
  name,
  datatype,
  shape,
});
const model = (more: Partial<OnnxModel> = {}): OnnxModel => ({
  irVersion: 8,
  opsets: { "": 17 },
  producer: "test",
  producerVersion: "",
  inputs: [tensor("features", [-1, 3])],
  outputs: [tensor("probability", [-1, 1])],
  operators: [],
  metadata: { "ballast.features": '["hour","distance","origin_3h"]' },
  ...more,
});
const serving: ServingSpec = {
  tensor: "features",
  output: "probability",
  features: [
    { input: "hour", view: "flight", feature: "hour" },
    { input: "distance", view: "flight", feature: "distance" },
    { input: "origin_3h", view: "airport", feature: "origin_3h" },
  ],
};
const withFeature = (i: number, change: Partial<ServingSpec["features"][number]>): ServingSpec => ({
  ...serving,
  features: serving.features.map((binding, at) => (at === i ? { ...binding, ...change } : binding)),
});

test("a model that fits gives its signature", () => {
  expect(checkServing(model(), serving, views)).toEqual({
    inputs: [{ name: "features", datatype: "FP32", shape: [-1, 3] }],
    outputs: [{ name: "probability", datatype: "FP32", shape: [-1, 1] }],
  });
  const free = { inputs: [tensor("features", [-1, -1])], outputs: [tensor("probability", [-1], "FP64")], metadata: {} };
  expect(checkServing(model(free), serving, views).outputs[0]?.shape).toEqual([-1]);
});

test("features of the same width that mean something else pass: only live losses can show that", () => {
  expect(() => checkServing(model(), withFeature(0, { view: "airport", feature: "origin_3h" }), views)).not.toThrow();
});

const cases: [string, OnnxModel, ServingSpec, string, string][] = [
  ["no such input", model(), { ...serving, tensor: "x" }, "serving.tensor", 'no input "x"; it has features'],
  ["no such output", model(), { ...serving, output: "y" }, "serving.output", 'no output "y"; it has probability'],
  [
    "a second input",
    model({ inputs: [tensor("features", [-1, 3]), tensor("mask", [-1])] }),
    serving,
    "serving.tensor",
    'also needs the input "mask"',
  ],
  ["integers", model({ inputs: [tensor("features", [-1, 3], "INT64")] }), serving, "serving.tensor", "is INT64"],
  ["one row only", model({ inputs: [tensor("features", [1, 3])] }), serving, "serving.tensor", "exactly 1 rows"],
  ["an image", model({ inputs: [tensor("features", [-1, 3, 8, 8])] }), serving, "serving.tensor", "[-1, 3, 8, 8]"],
  ["no rank", model({ inputs: [tensor("features", null)] }), serving, "serving.tensor", "unknown rank"],
  ["too wide", model({ inputs: [tensor("features", [-1, 4])] }), serving, "serving.features", "3 features are bound"],
  ["labels out", model({ outputs: [tensor("probability", [-1], "INT64")] }), serving, "serving.output", "is INT64"],
  ["two classes out", model({ outputs: [tensor("probability", [-1, 2])] }), serving, "serving.output", "[-1, 2]"],
  ["another order", model(), withFeature(1, { input: "miles" }), "serving.features[1].input", '"distance"'],
  ["no such view", model(), withFeature(2, { view: "port" }), "serving.features[2].view", "flight, airport"],
  ["no such feature", model(), withFeature(2, { feature: "origin_1h" }), "serving.features[2].feature", "origin_3h"],
];
test.each(cases)("refused by name: %s", (_name, onnx, spec, field, words) => {
  let error: unknown;
  try {
    checkServing(onnx, spec, views);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "unprocessable", status: 422, details: { field } });
  expect((error as Error).message).toContain(words);
});
