import { AppError, notEpochMs } from "@ballast/core";
import type { RequestRow } from "@ballast/features";
import { elementCount, type InferRequest, type InputTensor, isNumeric } from "@ballast/inference-protocol";
import type { Arm, DeploymentPlan } from "./deployment-plan.ts";

/** What an infer request holds, row by row. */
export interface RequestRows {
  rows: number;
  /** Column values as received; one empty object per row for the tensor form. */
  requests: RequestRow[];
  /** The model's own input where the caller sent that. */
  tensor: InputTensor | null;
}

/** Reading and journalling rows happens on the serving thread: this many take it some 30 ms. */
const MOST_ROWS = 10_000;

function refuse(field: string, problem: string): never {
  throw new AppError("invalid_input", `${field} ${problem}.`, { details: { field } });
}

/** Splits the inputs into rows: each input is a request column [n] or [n, 1], or the one input is the model's tensor [n, k]. */
export function readRows(request: InferRequest, plan: DeploymentPlan): RequestRows {
  const first = request.inputs[0] as InputTensor;
  if (request.inputs.length === 1 && isModelTensor(first, plan)) {
    const rows = first.shape[0] as number;
    checkCount(rows);
    return { rows, requests: Array.from({ length: rows }, () => ({})), tensor: first };
  }
  const rows = elementCount(first.shape);
  request.inputs.forEach((input, i) => {
    const { shape } = input;
    if (shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) {
      refuse(`inputs[${i}].shape`, `of column "${input.name}" must be [n] or [n, 1], not [${shape.join(", ")}]`);
    }
    if (shape[0] !== rows) {
      refuse(`inputs[${i}].shape`, `of column "${input.name}" says ${shape[0]} rows, inputs[0] says ${rows}`);
    }
  });
  checkCount(rows);
  const requests: RequestRow[] = [];
  for (let row = 0; row < rows; row++) {
    const request_: Record<string, unknown> = {};
    for (const input of request.inputs) request_[input.name] = input.data[row];
    requests.push(request_);
  }
  return { rows, requests, tensor: null };
}

function checkCount(rows: number): void {
  if (rows === 0) refuse("inputs[0].shape", "holds no rows");
  if (rows > MOST_ROWS) refuse("inputs[0].shape", `says ${rows} rows; a request may hold ${MOST_ROWS}`);
}

function isModelTensor(input: InputTensor, plan: DeploymentPlan): boolean {
  const named = [plan.champion, plan.candidate].some((arm) => arm?.version.serving.tensor === input.name);
  return named && input.shape.length === 2 && isNumeric(input.datatype);
}

/** True if the tensor a caller sent is this version's own input. */
export function takesTensor(arm: Arm, tensor: InputTensor): boolean {
  return arm.version.serving.tensor === tensor.name && tensor.shape[1] === arm.bindings.width;
}

/** The features of every row for a version, float32, row-major. Throws as `CompiledBindings.compute` does. */
export function featuresFor(arm: Arm, input: RequestRows, times: readonly number[]): Float32Array {
  const { width } = arm.bindings;
  if (input.tensor !== null) return tensorFeatures(arm, input.tensor);
  const features = new Float32Array(input.rows * width);
  for (let row = 0; row < input.rows; row++) {
    arm.bindings.compute(input.requests[row] as RequestRow, times[row] as number, features, row * width, row);
  }
  for (let i = 0; i < features.length; i++) {
    const value = features[i] as number;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
      const name = arm.version.serving.features[i % width]?.input;
      refuse(`Row ${Math.floor(i / width)}, feature "${name}"`, "does not fit in float32");
    }
  }
  return features;
}

function tensorFeatures(arm: Arm, tensor: InputTensor): Float32Array {
  if (!takesTensor(arm, tensor)) {
    refuse(
      "inputs[0].shape",
      `must be [n, ${arm.bindings.width}] for "${arm.version.serving.tensor}" of version ${arm.version.number}, not [${tensor.shape.join(", ")}]`,
    );
  }
  if (tensor.datatype !== "FP32")
    refuse("inputs[0].datatype", `must be FP32 for "${tensor.name}", not ${tensor.datatype}`);
  return Float32Array.from(tensor.data as number[]);
}

/** Event time of each row: the deployment's time column, or the arrival. */
export function eventTimes(plan: DeploymentPlan, input: RequestRows, at: number): number[] {
  const column = plan.snapshot.timeColumn;
  if (column === null || input.tensor !== null) return input.requests.map(() => at);
  return input.requests.map((request, row) => {
    const t = request[column];
    if (typeof t !== "number" || !Number.isSafeInteger(t)) {
      const got = t === undefined ? "is absent" : "is no integer";
      refuse(
        `Row ${row}, column "${column}"`,
        `${got}; it holds the prediction's event time, milliseconds since the epoch`,
      );
    }
    // A first time near 1970 would close every day since.
    const problem = notEpochMs(t);
    if (problem !== null) {
      refuse(
        `Row ${row}, column "${column}"`,
        `${t} ${problem}; send the prediction's event time in milliseconds since the epoch`,
      );
    }
    return t;
  });
}
