import { AppError, DAY_MS, HOUR_MS } from "@ballast/core";
import { type ConversionRule, convert, rulesByColumn } from "@ballast/datasets";
import type {
  FeatureBinding,
  FeatureViewDefinition,
  RequestExpression,
  RequestFeatureView,
  TrailingShareView,
} from "@ballast/db";
import type { EntityKey, OnlineFeatureStore } from "./online-store.ts";

/** One request row as received. */
export type RequestRow = Readonly<Record<string, unknown>>;

/**
 * A column the request must carry. `number`: finite or null. `time`: integer epoch ms. `key`: text or integer; null
 * where the view serves a missing value for an unknown key.
 */
export interface NeededColumn {
  name: string;
  type: "number" | "time" | "key";
}

export interface CompiledBindings {
  /** Request columns needed, each once, in the order of first use. */
  columns: NeededColumn[];
  /** Number of features a row gets. */
  width: number;
  /**
   * Writes the row's features to `out[offset … offset + width)`, NaN for missing. `t` is the row's event time, which
   * decides on conversions; `row` is its index in the request, for messages.
   * Throws `invalid_input` for a column that is absent or of a wrong type, `unprocessable` for an unknown key where the
   * view says so and for a time older than the store can answer.
   */
  compute(request: RequestRow, t: number, out: Float32Array, offset: number, row?: number): void;
}

/** A larger number would be infinite as float32. */
const MOST_FLOAT32 = 3.4028234663852886e38;

type Step = (request: RequestRow, t: number, row: number) => number;

/**
 * The serving half of one definition: closures that turn a request row into the model's inputs, in binding order.
 * Throws `not_found` naming the binding when a view or feature does not exist, `conflict` when two features need one
 * column as different types.
 */
export function compileBindings(
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
  store: OnlineFeatureStore,
  conversions: readonly ConversionRule[] = [],
): CompiledBindings {
  const rules = rulesByColumn(conversions);
  const columns = neededColumns(views, bindings);
  const steps = bindings.map((binding): Step => {
    const found = findFeature(views, binding);
    if (found.kind === "request") return expressionStep(found.feature.expression, rules);
    return shareStep(found.view, found.feature.name, found.feature.key, store);
  });
  const width = steps.length;
  return {
    columns,
    width,
    compute(request, t, out, offset, row = 0) {
      for (let j = 0; j < width; j++) out[offset + j] = (steps[j] as Step)(request, t, row);
    },
  };
}

/** Request columns that the bindings read, each once. Throws as {@link compileBindings} does. */
export function neededColumns(
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
): NeededColumn[] {
  const columns = new Map<string, NeededColumn["type"]>();
  const need = (name: string, type: NeededColumn["type"]) => {
    const known = columns.get(name);
    if (known !== undefined && known !== type)
      throw new AppError("conflict", `Column "${name}" is read as ${known} by one feature and as ${type} by another.`);
    columns.set(name, type);
  };
  for (const binding of bindings) {
    const found = findFeature(views, binding);
    if (found.kind === "trailing_share") {
      need(found.feature.key, "key");
      need(found.view.requestTime, "time");
      continue;
    }
    const { op, column } = found.feature.expression;
    need(column, op === "column" ? "number" : "time");
  }
  return [...columns].map(([name, type]) => ({ name, type }));
}

/** A binding's view and feature, by kind of view. */
export type FoundFeature =
  | { kind: "trailing_share"; view: TrailingShareView; feature: TrailingShareView["features"][number] }
  | { kind: "request"; view: RequestFeatureView; feature: RequestFeatureView["features"][number] };

/** The view and feature a binding names. Throws `not_found` with the binding's input. */
export function findFeature(views: readonly FeatureViewDefinition[], binding: FeatureBinding): FoundFeature {
  const view = views.find((candidate) => candidate.name === binding.view);
  if (view === undefined)
    throw new AppError("not_found", `Input "${binding.input}": feature view "${binding.view}" does not exist.`);
  const feature = view.features.find((candidate) => candidate.name === binding.feature);
  if (feature === undefined)
    throw new AppError(
      "not_found",
      `Input "${binding.input}": feature view "${binding.view}" has no feature "${binding.feature}"; ` +
        `it has ${view.features.map((f) => f.name).join(", ")}.`,
    );
  return { kind: view.kind, view, feature } as FoundFeature;
}

function shareStep(view: TrailingShareView, name: string, key: string, store: OnlineFeatureStore): Step {
  const feature = store.feature(view.name, name);
  const { requestTime, onMissing } = view;
  return (request, _t, row) => {
    const entity = request[key];
    const known = typeof entity === "string" || (typeof entity === "number" && Number.isSafeInteger(entity));
    if (!known && entity !== null) wrong(key, row, entity, "a string or an integer");
    if (onMissing === "error" && (!known || !feature.knows(entity as EntityKey))) {
      const text = known ? `"${String(entity)}"` : "null";
      throw new AppError("unprocessable", `Row ${row}: feature view "${view.name}" knows no ${key} ${text}.`, {
        details: { row, field: key, key: entity },
      });
    }
    const time = readTime(request, requestTime, row);
    return known ? feature.share(entity as EntityKey, time) : Number.NaN;
  };
}

function expressionStep(expression: RequestExpression, rules: ReturnType<typeof rulesByColumn>): Step {
  const { column, op } = expression;
  switch (op) {
    case "column": {
      const own = rules.get(column);
      return (request, t, row) => {
        const value = request[column];
        if (typeof value === "number" && Math.abs(value) <= MOST_FLOAT32) return convert(own, t, value);
        if (value === null) return Number.NaN;
        if (typeof value === "boolean") return convert(own, t, value ? 1 : 0);
        return wrong(column, row, value, "a finite number or null");
      };
    }
    case "hour_of_day":
      return (request, _t, row) => hourOfDay(readTime(request, column, row));
    case "day_of_week":
      return (request, _t, row) => dayOfWeek(readTime(request, column, row));
  }
}

/** Hour 0 to 23 of a wall-clock time given as if it were UTC, epoch ms. */
export function hourOfDay(ms: number): number {
  return Math.floor((ms - Math.floor(ms / DAY_MS) * DAY_MS) / HOUR_MS);
}

/** Monday 0 to Sunday 6 of a wall-clock time given as if it were UTC, epoch ms. 1970-01-01 was a Thursday. */
export function dayOfWeek(ms: number): number {
  const day = Math.floor(ms / DAY_MS) + 3;
  return day - Math.floor(day / 7) * 7;
}

function readTime(request: RequestRow, column: string, row: number): number {
  const value = request[column];
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  return wrong(column, row, value, "an integer, milliseconds since the epoch");
}

function wrong(column: string, row: number, value: unknown, wanted: string): never {
  const got = value === undefined ? "it is absent" : `got ${typeof value === "string" ? "text" : String(value)}`;
  throw new AppError("invalid_input", `Row ${row}, column "${column}": ${got}, must be ${wanted}.`, {
    details: { row, field: column },
  });
}
