/** Tensor datatypes of the Open Inference Protocol v2. */
export const DATATYPES = [
  "BOOL",
  "UINT8",
  "UINT16",
  "UINT32",
  "UINT64",
  "INT8",
  "INT16",
  "INT32",
  "INT64",
  "FP16",
  "FP32",
  "FP64",
  "BYTES",
] as const;
export type Datatype = (typeof DATATYPES)[number];

/** An element in its JSON form. 64-bit integers are JSON numbers and therefore exact only up to 2^53 − 1. */
export type Element = number | string | boolean;

export function isDatatype(value: unknown): value is Datatype {
  return typeof value === "string" && (DATATYPES as readonly string[]).includes(value);
}

/** True for every datatype whose elements are numbers. */
export function isNumeric(datatype: Datatype): boolean {
  return datatype !== "BOOL" && datatype !== "BYTES";
}

const MAX_FP32 = 3.4028234663852886e38;

/** Why an element can't be of the datatype, as the end of a sentence; null when it can. */
export type ElementRule = (value: unknown) => string | null;

function integer(min: number, max: number): ElementRule {
  return (value) => {
    if (typeof value !== "number" || !Number.isInteger(value)) return "must be an integer";
    return value >= min && value <= max ? null : `must be between ${min} and ${max}`;
  };
}

function float(max: number): ElementRule {
  return (value) => {
    if (typeof value !== "number")
      return 'must be a number (JSON has no NaN or infinity, and null or "NaN" are not accepted)';
    return value >= -max && value <= max ? null : `must be finite and at most ${max} in size`;
  };
}

/** One rule per datatype that has a JSON form; FP16 has none. */
export const ELEMENT_RULES: Record<Exclude<Datatype, "FP16">, ElementRule> = {
  BOOL: (value) => (typeof value === "boolean" ? null : "must be true or false"),
  UINT8: integer(0, 255),
  UINT16: integer(0, 65_535),
  UINT32: integer(0, 4_294_967_295),
  UINT64: integer(0, Number.MAX_SAFE_INTEGER),
  INT8: integer(-128, 127),
  INT16: integer(-32_768, 32_767),
  INT32: integer(-2_147_483_648, 2_147_483_647),
  INT64: integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  FP32: float(MAX_FP32),
  FP64: float(Number.MAX_VALUE),
  BYTES: (value) => (typeof value === "string" ? null : "must be a string"),
};
