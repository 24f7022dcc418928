import { expect, test } from "vitest";
import { MlflowError } from "./errors.ts";
import { doubleOf, Fields, integerOf } from "./fields.ts";
import { parseBody, parseQuery } from "./parse-body.ts";

const refusal = (work: () => unknown): { code: string; message: string } => {
  try {
    work();
  } catch (error) {
    if (error instanceof MlflowError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("it was not refused");
};

test("absent, null and empty are the same; 0 and false are not", () => {
  const fields = new Fields({ a: null, b: "", c: 0, d: false });
  expect([fields.text("a"), fields.text("b"), fields.text("nothing")]).toEqual([undefined, undefined, undefined]);
  expect([fields.integer("c"), fields.flag("d")]).toEqual([0, false]);
  expect(fields.textOrEmpty("b")).toBe("");
  expect(new Fields({}).has("constructor")).toBe(false);
});

test("a wrong type is refused as MLflow's server refuses it", () => {
  const wrong = { run_id: 31, flag: "maybe", list: {}, n: "1.5", é: [] };
  expect(refusal(() => new Fields(wrong).runId())).toEqual({
    code: "INVALID_PARAMETER_VALUE",
    message:
      "Invalid value 31 for parameter 'run_id' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.",
  });
  expect(refusal(() => new Fields(wrong).list("list")).message).toContain("Invalid value {} for parameter 'list'");
  expect(refusal(() => new Fields(wrong).integer("n")).message).toContain("Value was of type 'str'");
  expect(refusal(() => new Fields(wrong).flag("flag")).message).toBe(
    "Invalid boolean value: maybe, must be 'true' or 'false'.",
  );
  expect(refusal(() => new Fields({}).required("name")).message).toBe(
    "Missing value for required parameter 'name'. See the API docs for more information about request parameters.",
  );
  const inner = new Fields({ tags: [{ key: 7 }] }).objects("tags")[0];
  expect(refusal(() => inner?.text("key")).message).toContain("'tags[0].key'");
});

test.each([
  [1, 1],
  ["17", 17],
  ["-3", -3],
  [1.5, null],
  ["1e3", null],
  ["", null],
  [true, null],
])("integerOf(%o) is %o", (given, wanted) => {
  expect(integerOf(given)).toBe(wanted);
});

test.each([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["0.5", 0.5],
  [2, 2],
  ["high", null],
  [" ", null],
  [null, null],
])("doubleOf(%o) is %o", (given, wanted) => {
  expect(doubleOf(given)).toBe(wanted);
});

test("a body: none, encoded twice, with Python's bare words (in strings they stay)", () => {
  expect(parseBody(Buffer.from(""))).toEqual({});
  expect(parseBody(Buffer.from("null"))).toEqual({});
  expect(parseBody(Buffer.from(JSON.stringify('{"a":1}')))).toEqual({ a: 1 });
  const bare = String.raw`{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" Infinity"}`;
  expect(parseBody(Buffer.from(bare))).toEqual({ a: "NaN", b: ["-Infinity", "Infinity"], c: 'NaN " Infinity' });
  expect(Object.getPrototypeOf(parseBody(Buffer.from('{"__proto__": {"a": 1}}')))).toBe(Object.prototype);
});

test.each(["{", "[]", "7", '"text"', '{"a": NaN,}', "<xml/>"])(
  "a body that is no object is BAD_REQUEST: %s",
  (body) => {
    expect(refusal(() => parseBody(Buffer.from(body))).code).toBe("BAD_REQUEST");
  },
);

test.each([String.raw`{"a":"\u0000"}`, String.raw`{"a":[{"\ud800":1}]}`])("text that cannot be stored: %s", (body) => {
  expect(() => parseBody(Buffer.from(body))).toThrow(/NUL|surrogate/);
});

test("a query: repeated keys are lists, whatever they are called", () => {
  const values = parseQuery("?run_ids=a&run_ids=b&x=1&__proto__=y&__proto__=z");
  expect(new Fields(values).texts("run_ids")).toEqual(["a", "b"]);
  expect(new Fields(values).texts("x")).toEqual(["1"]);
  expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  expect(() => parseQuery("?a=%00")).toThrow(/NUL/);
});
