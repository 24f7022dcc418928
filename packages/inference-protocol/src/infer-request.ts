import { type Datatype, type Element, isDatatype } from "./datatype.ts";
import { FieldProblem, readTensorData, refuse } from "./tensor-data.ts";

export type ParameterValue = string | number | boolean;
export type Parameters = Record<string, ParameterValue>;

/** A tensor as it came in, its data checked and flat. */
export interface InputTensor {
  name: string;
  datatype: Datatype;
  /** Concrete sizes, each ≥ 0. */
  shape: number[];
  /** Row-major. */
  data: Element[];
}

export interface InferRequest {
  /** To be echoed; null when the caller gave none. */
  id: string | null;
  parameters: Parameters;
  inputs: InputTensor[];
  /** Outputs asked for; null means all. */
  outputs: string[] | null;
}

const MAX_NAME = 256;
const MAX_ID = 256;
/** Each input is a column of what is recorded; no served model is wider. */
const MAX_INPUTS = 1_000;
const NO_PARAMETERS: Parameters = Object.freeze({});

/**
 * Reads the JSON form of an Open Inference Protocol v2 infer request (`$inference_request`). The binary tensor extension
 * is another reader in front of the same {@link InferRequest}.
 * @param body what `JSON.parse` returned.
 * @throws AppError `invalid_input` naming the field.
 */
export function readInferRequest(body: unknown): InferRequest {
  try {
    return readBody(body);
  } catch (error) {
    throw error instanceof FieldProblem ? error.toAppError() : error;
  }
}

function readBody(body: unknown): InferRequest {
  if (!isObject(body)) refuse("body", 'must be a JSON object with "inputs"');
  const { id, inputs, outputs, parameters } = body;
  if (!Array.isArray(inputs)) refuse("inputs", "must be an array of tensors");
  if (inputs.length === 0) refuse("inputs", "must hold at least one tensor");
  if (inputs.length > MAX_INPUTS) refuse("inputs", `holds ${inputs.length} tensors; ${MAX_INPUTS} are possible`);
  const read: InputTensor[] = [];
  for (let i = 0; i < inputs.length; i++) {
    try {
      read.push(readInput(inputs[i]));
    } catch (error) {
      throw error instanceof FieldProblem ? error.under(`inputs[${i}]`) : error;
    }
  }
  refuseTwins(read);
  return {
    id: readId(id),
    parameters: readParameters(parameters),
    inputs: read,
    outputs: outputs === undefined || outputs === null ? null : readOutputs(outputs),
  };
}

function readInput(input: unknown): InputTensor {
  if (!isObject(input)) refuse("", "must be an object with name, shape, datatype and data");
  const { datatype } = input;
  const name = readName(input.name, "name");
  if (!isDatatype(datatype)) refuse("datatype", `of "${name}" is no OIP datatype such as FP32, INT64 or BYTES`);
  const shape = readShape(input.shape);
  if (input.parameters !== undefined) readParameters(input.parameters);
  if (input.data === undefined) refuse("data", `of "${name}" is missing; binary tensors are not supported`);
  return { name, datatype, shape, data: readTensorData(input.data, datatype, shape) };
}

function readShape(shape: unknown): number[] {
  if (!Array.isArray(shape) || shape.length === 0) refuse("shape", "must be an array of at least one size");
  let count = 1;
  for (let i = 0; i < shape.length; i++) {
    const size: unknown = shape[i];
    if (typeof size !== "number" || !Number.isInteger(size) || size < 0) {
      refuse(`shape[${i}]`, "must be an integer ≥ 0 (-1 is for metadata only)");
    }
    count *= size;
  }
  if (count > Number.MAX_SAFE_INTEGER) refuse("shape", "is larger than any tensor can be");
  return shape as number[];
}

function readName(name: unknown, field: string): string {
  if (typeof name !== "string" || name === "" || name.length > MAX_NAME || name === "__proto__") {
    refuse(field, `must be a text of 1 to ${MAX_NAME} characters`);
  }
  if (name.includes("\u0000") || !name.isWellFormed()) refuse(field, "holds a character that is not text");
  return name;
}

function readId(id: unknown): string | null {
  if (id === undefined || id === null) return null;
  if (typeof id !== "string" || id.length > MAX_ID) refuse("id", `must be a text of at most ${MAX_ID} characters`);
  return id === "" ? null : id;
}

function readParameters(parameters: unknown): Parameters {
  if (parameters === undefined || parameters === null) return NO_PARAMETERS;
  if (!isObject(parameters)) refuse("parameters", "must be an object");
  for (const key of Object.keys(parameters)) {
    const type = typeof parameters[key];
    if (type !== "string" && type !== "number" && type !== "boolean") {
      refuse(`parameters.${key}`, "must be a string, a number or a boolean");
    }
  }
  return parameters as Parameters;
}

function readOutputs(outputs: unknown): string[] {
  if (!Array.isArray(outputs)) refuse("outputs", "must be an array of {name}");
  return outputs.map((output: unknown, i) => {
    if (!isObject(output)) refuse(`outputs[${i}]`, "must be an object with a name");
    return readName(output.name, `outputs[${i}].name`);
  });
}

function refuseTwins(inputs: readonly InputTensor[]): void {
  for (let i = 1; i < inputs.length; i++) {
    for (let j = 0; j < i; j++) {
      if (inputs[i]?.name === inputs[j]?.name) refuse(`inputs[${i}].name`, `repeats "${inputs[i]?.name}"`);
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
