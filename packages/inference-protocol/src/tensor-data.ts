import { AppError } from "@ballast/core";
import { type Datatype, ELEMENT_RULES, type Element } from "./datatype.ts";

/**
 * A refused field, relative to where the reader stands; the reader around it knows the rest of the path. So a good request
 * builds no text for messages nobody reads.
 */
export class FieldProblem extends Error {
  readonly field: string;
  readonly problem: string;

  constructor(field: string, problem: string) {
    super(`${field} ${problem}.`);
    this.field = field;
    this.problem = problem;
  }

  /** The same problem, seen from one level up. */
  under(parent: string): FieldProblem {
    return new FieldProblem(this.field === "" ? parent : `${parent}.${this.field}`, this.problem);
  }

  /** 400, naming the field, e.g. `inputs[2].data[0]`. */
  toAppError(): AppError {
    return new AppError("invalid_input", this.message, { details: { field: this.field } });
  }
}

export function refuse(field: string, problem: string): never {
  throw new FieldProblem(field, problem);
}

/** Number of elements in a shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/**
 * The elements of a tensor in row-major order, checked against its datatype.
 * @param data flat, or nested as deep as the shape.
 */
export function readTensorData(data: unknown, datatype: Datatype, shape: readonly number[]): Element[] {
  if (datatype === "FP16") refuse("data", "cannot be FP16: it has no JSON form, send FP32");
  if (!Array.isArray(data)) refuse("data", "must be an array");
  const count = elementCount(shape);
  const flat = shape.length > 1 && Array.isArray(data[0]) ? flatten(data, shape) : (data as unknown[]);
  if (flat.length !== count) {
    refuse("data", `has ${flat.length} elements, the shape [${shape.join(", ")}] needs ${count}`);
  }
  const rule = ELEMENT_RULES[datatype];
  for (let i = 0; i < count; i++) {
    const problem = rule(flat[i]);
    if (problem !== null) refuse(`data[${i}]`, `(${datatype}) ${problem}`);
  }
  return flat as Element[];
}

function flatten(data: unknown[], shape: readonly number[]): unknown[] {
  let level: unknown[] = [data];
  for (const size of shape) {
    const next: unknown[] = [];
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== size) {
        refuse("data", `is nested differently from its shape [${shape.join(", ")}]`);
      }
      for (const element of part) next.push(element);
    }
    level = next;
  }
  return level;
}
