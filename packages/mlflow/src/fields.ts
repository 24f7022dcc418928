import { invalidParameter } from "./errors.ts";
import { pythonType } from "./python.ts";
import { invalidValue, missingParameter, mistyped } from "./validation.ts";

const INTEGER = /^[+-]?\d{1,19}$/;

/** A key and its value, as MLflow sends parameters and tags. */
export interface KeyValue {
  key: string;
  value: string;
}

/** A whole number, whether sent as one or as text; null for anything else. */
export function integerOf(value: unknown): number | null {
  if (typeof value === "number") return Number.isInteger(value) ? value : null;
  if (typeof value === "string" && INTEGER.test(value)) return Number(value);
  return null;
}

/** A double, "NaN", "Infinity" and "-Infinity" included; null for anything else. */
export function doubleOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return null;
  if (value === "NaN") return Number.NaN;
  const number = Number(value);
  return Number.isNaN(number) ? null : number;
}

/**
 * The fields of a request, read as MLflow's server reads them: absent, null and "" are the same; a wrong type or a missing
 * value is INVALID_PARAMETER_VALUE in MLflow's words. Unknown fields are ignored.
 */
export class Fields {
  readonly values: Readonly<Record<string, unknown>>;
  /** Before the name of every field in messages: "metrics[3]." */
  readonly #path: string;

  constructor(values: Readonly<Record<string, unknown>>, path = "") {
    this.values = values;
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#of(name) !== undefined;
  }

  /** Undefined where it is absent or empty. */
  text(name: string): string | undefined {
    const value = this.#of(name);
    if (value === undefined || value === "") return undefined;
    if (typeof value !== "string") throw mistyped(this.#path + name, value, pythonType(value));
    return value;
  }

  /** Undefined only where it is absent: "" is a value. */
  textOrEmpty(name: string): string | undefined {
    return this.#of(name) === "" ? "" : this.text(name);
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw missingParameter(this.#path + name);
    return value;
  }

  /** An id that clients also send as a number. */
  id(name: string): string | undefined {
    const value = this.#of(name);
    return typeof value === "number" && Number.isInteger(value) ? String(value) : this.text(name);
  }

  requiredId(name: string): string {
    const value = this.id(name);
    if (value === undefined) throw missingParameter(this.#path + name);
    return value;
  }

  /** `run_id`, or its old name. */
  runId(): string {
    const id = this.text("run_id") ?? this.text("run_uuid");
    if (id === undefined) throw missingParameter(`${this.#path}run_id`);
    return id;
  }

  integer(name: string): number | undefined {
    const value = this.#of(name);
    if (value === undefined || value === "") return undefined;
    const number = integerOf(value);
    if (number === null) throw mistyped(this.#path + name, value, pythonType(value));
    if (!Number.isSafeInteger(number)) {
      throw invalidValue(this.#path + name, value, "It must lie between -9007199254740991 and 9007199254740991.");
    }
    return number;
  }

  requiredInteger(name: string): number {
    const value = this.integer(name);
    if (value === undefined) throw missingParameter(this.#path + name);
    return value;
  }

  requiredDouble(name: string): number {
    const value = this.#of(name);
    if (value === undefined || value === "") throw missingParameter(this.#path + name);
    const number = doubleOf(value);
    if (number === null) throw mistyped(this.#path + name, value, pythonType(value));
    return number;
  }

  /** `true` and `false`, also as text in any case. */
  flag(name: string): boolean | undefined {
    const value = this.#of(name);
    if (value === undefined || typeof value === "boolean") return value;
    const word = typeof value === "string" ? value.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
    throw invalidParameter(`Invalid boolean value: ${String(value)}, must be 'true' or 'false'.`);
  }

  /** An empty list where it is absent. A single value of a query string is a list of one. */
  list(name: string, fromQuery = false): readonly unknown[] {
    const value = this.#of(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    if (fromQuery && typeof value === "string") return [value];
    throw mistyped(this.#path + name, value, pythonType(value));
  }

  texts(name: string): string[] {
    return this.list(name, true).map((value) => {
      if (typeof value === "string") return value;
      throw mistyped(this.#path + name, this.#of(name), "list");
    });
  }

  /** Ids, which clients also send as numbers. */
  ids(name: string): string[] {
    return this.list(name, true).map((value) => {
      if (typeof value === "string") return value;
      if (typeof value === "number" && Number.isInteger(value)) return String(value);
      throw mistyped(this.#path + name, this.#of(name), "list");
    });
  }

  /** A list of objects, each as fields of its own. */
  objects(name: string): Fields[] {
    return this.list(name).map((value, i) => {
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        return new Fields(value as Record<string, unknown>, `${this.#path}${name}[${i}].`);
      }
      throw mistyped(this.#path + name, this.#of(name), "list");
    });
  }

  object(name: string): Fields | undefined {
    const value = this.#of(name);
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return new Fields(value as Record<string, unknown>, `${this.#path}${name}.`);
    }
    throw mistyped(this.#path + name, value, pythonType(value));
  }

  /** Tags or parameters; a missing value is "". */
  keyValues(name: string): KeyValue[] {
    return this.objects(name).map((one) => ({ key: one.text("key") ?? "", value: one.text("value") ?? "" }));
  }

  #of(name: string): unknown {
    const value = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    return value === null ? undefined : value;
  }
}
