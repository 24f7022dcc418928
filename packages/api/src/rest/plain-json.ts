import type { z } from "zod";

const ISO = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A schema's own parts; zod's public types hide them behind one class per kind. */
interface Parts {
  type: string;
  shape?: Record<string, z.ZodType>;
  catchall?: z.ZodType;
  element?: z.ZodType;
  innerType?: z.ZodType;
  options?: z.ZodType[];
  valueType?: z.ZodType;
  items?: z.ZodType[];
  in?: z.ZodType;
  left?: z.ZodType;
  right?: z.ZodType;
}

/**
 * Plain JSON as the schema wants it: ISO 8601 texts become dates where dates are asked for. What does not fit stays as it is, so that
 * the schema says what is wrong with it.
 */
export function fromPlainJson(schema: z.ZodType, value: unknown): unknown {
  const parts = schema._zod.def as unknown as Parts;
  switch (parts.type) {
    case "date":
      return typeof value === "string" && ISO.test(value) ? new Date(value) : value;
    case "object":
      return mapObject(value, (key) =>
        parts.shape && Object.hasOwn(parts.shape, key) ? parts.shape[key] : parts.catchall,
      );
    case "record":
      return mapObject(value, () => parts.valueType);
    case "array":
      return Array.isArray(value) && parts.element
        ? value.map((item) => fromPlainJson(parts.element as z.ZodType, item))
        : value;
    case "tuple":
      return Array.isArray(value)
        ? value.map((item, i) => (parts.items?.[i] ? fromPlainJson(parts.items[i] as z.ZodType, item) : item))
        : value;
    case "union":
      return ofUnion(parts.options ?? [], value);
    case "intersection":
      return [parts.left, parts.right].reduce((read, side) => (side ? fromPlainJson(side, read) : read), value);
    default: {
      const inner = parts.innerType ?? parts.in;
      return inner ? fromPlainJson(inner, value) : value;
    }
  }
}

/** As the first option that takes it reads it. */
function ofUnion(options: readonly z.ZodType[], value: unknown): unknown {
  for (const option of options) {
    const read = fromPlainJson(option, value);
    if (option.safeParse(read).success) return read;
  }
  return value;
}

function mapObject(value: unknown, schemaOf: (key: string) => z.ZodType | undefined): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const schema = schemaOf(key);
      return [key, schema ? fromPlainJson(schema, child) : child];
    }),
  );
}

/**
 * An answer as plain JSON: dates as ISO 8601, NaN and ±∞ as the texts "NaN", "Infinity", "-Infinity", big integers as text, sets as
 * arrays, maps as objects. Fields that are not there are left out.
 */
export function toPlainJson(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map((item) => toPlainJson(item) ?? null);
  if (value instanceof Set || ArrayBuffer.isView(value)) return [...(value as Iterable<unknown>)].map(toPlainJson);
  if (value instanceof Map) return toPlainJson(Object.fromEntries(value));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toPlainJson(child)]));
  return value;
}
