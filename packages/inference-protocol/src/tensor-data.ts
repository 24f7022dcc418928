import { AppError } from "@ballast/core";
import { type Datatype, ELEMENT_RULES, type Element } from "./datatype.ts";

/** A refused request: 400, naming the field, e.g. `inputs[2].data[0]`. */
export function refuse(field: string, problem: string): never {
  throw new AppError("invalid_input", `${field} ${problem}.`, { details: { field } });
}

/** Number of elements in a shape. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}

/** True if a concrete shape fits a declared one, in which −1 is a free dimension. */
export function shapeFits(declared: readonly number[], shape: readonly number[]): boolean {
  return declared.length === shape.length && declared.every((size, i) => size === -1 || size === shape[i]);
}

/**
 * The elements of a tensor in row-major order, checked against its datatype.
 * @param data flat, or nested as deep as the shape.
 * @param field where it stands in the request, for messages.
 */
export function readTensorData(data: unknown, datatype: Datatype, shape: readonly number[], field: string): Element[] {
  if (datatype === "FP16") refuse(field, "cannot be FP16: it has no JSON form, send FP32");
  if (!Array.isArray(data)) refuse(field, "must be an array");
  const count = elementCount(shape);
  const flat = shape.length > 1 && Array.isArray(data[0]) ? flatten(data, shape, field) : (data as unknown[]);
  if (flat.length !== count) {
    refuse(field, `has ${flat.length} elements, the shape [${shape.join(", ")}] needs ${count}`);
  }
  const rule = ELEMENT_RULES[datatype];
  for (let i = 0; i < count; i++) {
    const problem = rule(flat[i]);
    if (problem !== null) refuse(`${field}[${i}]`, `(${datatype}) ${problem}`);
  }
  return flat as Element[];
}

function flatten(data: unknown[], shape: readonly number[], field: string): unknown[] {
  let level: unknown[] = [data];
  for (const size of shape) {
    const next: unknown[] = [];
    for (const part of level) {
      if (!Array.isArray(part) || part.length !== size) {
        refuse(field, `is nested differently from its shape [${shape.join(", ")}]`);
      }
      for (const element of part) next.push(element);
    }
    level = next;
  }
  return level;
}
