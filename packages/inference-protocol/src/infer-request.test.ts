import { expect, test } from "vitest";
import { readInferRequest } from "./infer-request.ts";
import { encodeInferResponse } from "./infer-response.ts";

const tensor = (over: Record<string, unknown> = {}) => ({
  name: "x",
  shape: [2, 3],
  datatype: "FP32",
  data: [1, 2, 3, 4, 5, 6],
  ...over,
});

test("flat and nested data are the same tensor", () => {
  const flat = readInferRequest({ inputs: [tensor()] });
  const nested = readInferRequest({
    inputs: [
      tensor({
        data: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ],
  });
  expect(nested).toEqual(flat);
  expect(flat).toEqual({
    id: null,
    parameters: {},
    inputs: [{ name: "x", datatype: "FP32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] }],
    outputs: null,
  });
  expect(
    readInferRequest({ inputs: [tensor({ shape: [1, 2, 1, 3], data: [[[[1, 2, 3]], [[4, 5, 6]]]] })] }).inputs[0]?.data,
  ).toEqual([1, 2, 3, 4, 5, 6]);
});

test("every datatype takes its own values", () => {
  const good: [string, unknown][] = [
    ["BOOL", true],
    ["UINT8", 255],
    ["UINT64", Number.MAX_SAFE_INTEGER],
    ["INT8", -128],
    ["INT32", -2_147_483_648],
    ["INT64", -9_007_199_254_740_991],
    ["FP32", 3.4028234663852886e38],
    ["FP64", 1.7976931348623157e308],
    ["BYTES", "機場"],
  ];
  for (const [datatype, value] of good) {
    expect(readInferRequest({ inputs: [tensor({ datatype, shape: [1], data: [value] })] }).inputs[0]?.data).toEqual([
      value,
    ]);
  }
});

const one = (datatype: string, value: unknown) => ({ inputs: [tensor({ datatype, shape: [1], data: [value] })] });
const REFUSED: [string, unknown, string][] = [
  ["no object", [], "body"],
  ["null", null, "body"],
  ["no inputs", {}, "inputs"],
  ["empty inputs", { inputs: [] }, "inputs"],
  ["an input that is no object", { inputs: [3] }, "inputs[0]"],
  ["no name", { inputs: [tensor({ name: "" })] }, "inputs[0].name"],
  ["a name that would reach the prototype", { inputs: [tensor({ name: "__proto__" })] }, "inputs[0].name"],
  ["two of a name", { inputs: [tensor(), tensor()] }, "inputs[1].name"],
  ["an unknown datatype", { inputs: [tensor({ datatype: "FLOAT" })] }, "inputs[0].datatype"],
  ["no shape", { inputs: [tensor({ shape: undefined })] }, "inputs[0].shape"],
  ["a negative size", { inputs: [tensor({ shape: [-1, 3] })] }, "inputs[0].shape[0]"],
  ["a shape beyond any memory", { inputs: [tensor({ shape: [1e9, 1e9, 1e9] })] }, "inputs[0].shape"],
  ["too few elements", { inputs: [tensor({ data: [1, 2] })] }, "inputs[0].data"],
  [
    "ragged nesting",
    {
      inputs: [
        tensor({
          data: [
            [1, 2, 3],
            [4, 5],
          ],
        }),
      ],
    },
    "inputs[0].data",
  ],
  [
    "nesting deeper than the shape",
    {
      inputs: [
        tensor({
          data: [
            [[1], 2, 3],
            [4, 5, 6],
          ],
        }),
      ],
    },
    "inputs[0].data[0]",
  ],
  ["no data", { inputs: [tensor({ data: undefined })] }, "inputs[0].data"],
  ["NaN as text", one("FP32", "NaN"), "inputs[0].data[0]"],
  ["null for a number", one("FP64", null), "inputs[0].data[0]"],
  [
    "infinity by overflow",
    JSON.parse('{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1e999]}]}'),
    "inputs[0].data[0]",
  ],
  ["a double that float32 cannot hold", one("FP32", 1e39), "inputs[0].data[0]"],
  ["a fraction for an integer", one("INT64", 1.5), "inputs[0].data[0]"],
  ["an integer beyond 2^53", one("INT64", 9_007_199_254_740_992), "inputs[0].data[0]"],
  ["256 for UINT8", one("UINT8", 256), "inputs[0].data[0]"],
  ["1 for BOOL", one("BOOL", 1), "inputs[0].data[0]"],
  ["a number for BYTES", one("BYTES", 1), "inputs[0].data[0]"],
  ["FP16, which has no JSON form", one("FP16", 1), "inputs[0].data"],
  ["an id that is no text", { id: 5, inputs: [tensor()] }, "id"],
  ["a parameter that is an object", { parameters: { a: {} }, inputs: [tensor()] }, "parameters.a"],
  ["an output without a name", { outputs: [{}], inputs: [tensor()] }, "outputs[0].name"],
  ["a name with NUL", { inputs: [tensor({ name: "x\u0000" })] }, "inputs[0].name"],
  ["a name that is not Unicode", { inputs: [tensor({ name: "x\ud800" })] }, "inputs[0].name"],
  [
    "a thousand and one inputs",
    { inputs: Array.from({ length: 1001 }, (_, i) => tensor({ name: `x${i}` })) },
    "inputs",
  ],
];

test.each(REFUSED)("refuses %s, naming the field", (_what, body, field) => {
  expect(() => readInferRequest(body)).toThrowError(
    expect.objectContaining({ code: "invalid_input", details: { field } }),
  );
});

test("a response is the JSON of the protocol, whatever its texts hold", () => {
  const json = encodeInferResponse({
    modelName: 'a"b',
    modelVersion: "3",
    id: "line\nbreak",
    parameters: { variant: "champion", rows: 2, exact: true },
    outputs: [
      { name: "probability", datatype: "FP32", shape: [2, 1], data: Float32Array.of(0.25, 1e-30) },
      { name: "prediction_id", datatype: "BYTES", shape: [2], data: ["prd_1", "é\u2028"] },
    ],
  });
  expect(JSON.parse(json)).toEqual({
    model_name: 'a"b',
    model_version: "3",
    id: "line\nbreak",
    parameters: { variant: "champion", rows: 2, exact: true },
    outputs: [
      { name: "probability", datatype: "FP32", shape: [2, 1], data: [0.25, Math.fround(1e-30)] },
      { name: "prediction_id", datatype: "BYTES", shape: [2], data: ["prd_1", "é\u2028"] },
    ],
  });
});
