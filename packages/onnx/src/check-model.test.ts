import { readFileSync } from "node:fs";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { readModel } from "./read-model.ts";
import { hasValueDependentWork } from "./value-dependent-work.ts";

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../fixtures/${name}.onnx`, import.meta.url)));
}

function refusal(bytes: Uint8Array): { name: string; code: string; message: string } {
  try {
    checkModel(bytes);
  } catch (error) {
    return error as { name: string; code: string; message: string };
  }
  throw new Error("accepted");
}

describe("readModel", () => {
  it("reads a model that skl2onnx made", () => {
    expect(readModel(fixture("logistic"))).toMatchObject({
      producer: "skl2onnx",
      opsets: { "ai.onnx.ml": 1 },
      inputs: [{ name: "X", datatype: "FP32", shape: [-1, 3] }],
      outputs: [
        { name: "label", datatype: "INT64", shape: [-1] },
        { name: "probabilities", datatype: "FP32", shape: [-1, 2] },
      ],
    });
  });

  it("sees operators inside branches, and leaves weights out of the inputs", () => {
    const { operators, inputs } = readModel(fixture("if"));
    expect(operators.map(({ opType }) => opType).sort()).toEqual(["Exp", "If", "Neg"]);
    expect(inputs).toEqual([
      { name: "c", datatype: "BOOL", shape: [] },
      { name: "x", datatype: "FP32", shape: [2] },
    ]);
    expect(readModel(fixture("external")).inputs.map(({ name }) => name)).toEqual(["x"]);
  });
});

describe("hasValueDependentWork", () => {
  it.each([
    ["loop", true],
    ["if", false],
    ["logistic", false],
  ])("%s: %s", (name, expected) => {
    expect(hasValueDependentWork(readModel(fixture(name)))).toBe(expected);
  });
});

describe("checkModel", () => {
  it.each(["logistic", "if", "function", "loop"])("accepts %s, and so does ONNX Runtime", async (name) => {
    expect(checkModel(fixture(name)).outputs.length).toBeGreaterThan(0);
    await expect(InferenceSession.create(fixture(name))).resolves.toBeDefined();
  });

  it.each([
    ["unknown-operator", "the operator ai.onnx.Frobnicate, which is not in ONNX Runtime"],
    ["external", 'keeps its data in another file ("weights.bin")'],
    ["external-outside", `keeps its data in a file outside the model's folder ("../../etc/passwd")`],
    ["dangling", 'The node "a1" (Add) reads "nowhere"'],
    ["future-opset", "operator set 99"],
    ["zipmap", "zipmap=False"],
  ])("refuses %s", (name, message) => {
    expect(refusal(fixture(name))).toMatchObject({ code: "invalid_input", message: expect.stringContaining(message) });
  });

  it.each(["unknown-operator", "external", "external-outside", "dangling", "future-opset"])(
    "is no stricter than ONNX Runtime on %s",
    async (name) => {
      await expect(InferenceSession.create(fixture(name), { logSeverityLevel: 4 })).rejects.toThrow();
    },
  );

  it("takes a caller's own list of operators", () => {
    expect(checkModel(fixture("unknown-operator"), new Set([":Frobnicate"])).operators).toHaveLength(1);
    expect(() => checkModel(fixture("if"), new Set([":If", ":Exp"]))).toThrow("ai.onnx.Neg");
  });

  it("refuses a file cut at any byte, unless what is left is whole to ONNX Runtime too", async () => {
    const whole = fixture("logistic");
    const accepted: number[] = [];
    for (let end = 0; end < whole.length; end++) {
      try {
        checkModel(whole.subarray(0, end));
        accepted.push(end);
      } catch (error) {
        expect(error).toMatchObject({ name: "AppError", code: "invalid_input" });
      }
    }
    // skl2onnx writes an operator set that the graph does not use, twice, at the end of the file.
    expect(accepted.length).toBeLessThanOrEqual(2);
    for (const end of accepted) {
      await expect(InferenceSession.create(whole.slice(0, end), { logSeverityLevel: 4 })).resolves.toBeDefined();
    }
    expect(refusal(whole.subarray(0, whole.length >> 1)).message).toContain("truncated");
  });

  it("never answers flipped bytes or garbage with anything but invalid_input", () => {
    const whole = fixture("logistic");
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 3000; round++) {
      const bytes = round % 3 === 0 ? Uint8Array.from({ length: random(400) }, () => random(256)) : whole.slice();
      for (let flips = random(8); flips > 0 && bytes.length > 0; flips--) bytes[random(bytes.length)] = random(256);
      try {
        checkModel(bytes);
      } catch (error) {
        expect(error, `round ${round}`).toMatchObject({ name: "AppError", code: "invalid_input" });
      }
    }
  });

  it.each([
    ["nothing", new Uint8Array(), "empty"],
    ["JSON", new TextEncoder().encode('{"model": 1}'), "not ONNX"],
    ["a pickle", Uint8Array.of(0x80, 4, 0x95, 1, 2, 3), "not ONNX"],
    ["a zip", Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0), "not ONNX"],
    ["another protobuf message", Uint8Array.of(0x08, 0x01), "no graph"],
  ])("refuses %s", (_, bytes, message) => {
    expect(refusal(bytes)).toMatchObject({ code: "invalid_input", message: expect.stringContaining(message) });
  });
});
