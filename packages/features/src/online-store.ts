import { AppError, DAY_MS } from "@ballast/core";
import type { TrailingShareView } from "@ballast/db";
import { OnlineSeries } from "./online-series.ts";

/** A value that names an entity. Integers and their decimal text are the same key, online and offline. */
export type EntityKey = string | number;
/** Pushed rows, column by column; all columns have one length. */
export type SourceColumns = Readonly<Record<string, readonly unknown[]>>;

/** Rows of one source, grouped by one key column: shared by every feature that reads them with another window. */
interface Stream {
  source: string;
  knownAt: string;
  of: string;
  key: string;
  series: Map<string, OnlineSeries>;
}

/** One feature, found once and then asked often. */
export interface ShareFeature {
  /** The trailing share for `key` at `t` as float32; NaN when the window holds no row. Throws when `t` is too old. */
  share(key: EntityKey, t: number): number;
  knows(key: EntityKey): boolean;
}

/**
 * Trailing shares in memory, exact and incremental: the online half of {@link TrailingShareView}. For (key, t) it
 * answers sum(of) / count over pushed rows with that key whose `knownAt` is in (t − window, t]: integer sums, one
 * division, float32 last, NaN when empty. The offline half (`offlineFeatures`) gives the same bits.
 *
 * Rows may come in any order. What is forgotten is explicit: after `evictBefore(h)` a question whose window reaches
 * behind `h` is refused rather than answered from half of its rows.
 */
export class OnlineFeatureStore {
  readonly #streams: Stream[] = [];
  readonly #features = new Map<string, ShareFeature>();
  readonly #longest: number;
  #horizon = Number.NEGATIVE_INFINITY;

  constructor(views: readonly TrailingShareView[]) {
    let longest = 0;
    for (const view of views)
      for (const { name, key, windowMs } of view.features) {
        longest = Math.max(longest, windowMs);
        this.#features.set(featureName(view.name, name), this.#feature(view, name, key, windowMs));
      }
    this.#longest = longest;
  }

  /** How far behind the watermark rows are needed: the largest window, and a day for late questions. Milliseconds. */
  get retentionMs(): number {
    return this.#longest + DAY_MS;
  }

  /** Rows held (once per key column they are grouped by), keys, and bytes of typed arrays. */
  get size(): { rows: number; keys: number; bytes: number } {
    const size = { rows: 0, keys: 0, bytes: 0 };
    for (const stream of this.#streams)
      for (const series of stream.series.values()) {
        size.rows += series.size;
        size.keys += 1;
        size.bytes += series.bytes;
      }
    return size;
  }

  /**
   * Throws `invalid_input` naming column and row when rows of this source could not be counted: a missing column,
   * a `knownAt` that is no integer, an `of` other than 0 and 1, a key that is neither text, integer nor null.
   */
  check(source: string, columns: SourceColumns): void {
    for (const stream of this.#streams) if (stream.source === source) checkColumns(stream, columns);
  }

  /** Adds rows of a source; refuses all of them (see {@link check}) or none. A null key counts for no key. */
  push(source: string, columns: SourceColumns): void {
    this.check(source, columns);
    this.pushFitting(source, columns);
  }

  /**
   * Adds those rows of a source that can be counted, per view and key, and answers how many cannot: rows from before a view was
   * there need not fit it, and the offline half leaves the same ones out.
   */
  pushFitting(source: string, columns: SourceColumns): number {
    let left = 0;
    for (const stream of this.#streams) {
      if (stream.source !== source) continue;
      const [known, values, keys] = columnsOf(stream, columns);
      for (let i = 0; i < known.length; i++) {
        if (rowProblem(stream, known[i], values[i], keys[i]) !== null) {
          left += 1;
          continue;
        }
        const key = keys[i] as EntityKey | null;
        const time = known[i] as number;
        if (key === null || time < this.#horizon) continue;
        const name = typeof key === "string" ? key : String(key);
        let series = stream.series.get(name);
        if (series === undefined) {
          series = new OnlineSeries();
          stream.series.set(name, series);
        }
        series.push(time, Number(values[i]));
      }
    }
    return left;
  }

  /** The feature, to be asked many times. Throws `not_found` for a name no view has. */
  feature(view: string, feature: string): ShareFeature {
    const found = this.#features.get(featureName(view, feature));
    if (found) return found;
    throw new AppError("not_found", `Feature "${view}.${feature}" is not a trailing share of any feature view.`);
  }

  /** See {@link ShareFeature.share}. */
  lookup(view: string, feature: string, key: EntityKey, t: number): number {
    return this.feature(view, feature).share(key, t);
  }

  /** True while the store holds any row of the key, whatever its time. */
  knows(view: string, feature: string, key: EntityKey): boolean {
    return this.feature(view, feature).knows(key);
  }

  /** Forgets rows known before `t`; `watermark − retentionMs` is the right `t`. Never moves back. */
  evictBefore(t: number): void {
    if (!(t > this.#horizon)) return;
    this.#horizon = t;
    for (const stream of this.#streams)
      for (const [key, series] of stream.series) {
        series.evictBefore(t);
        if (series.size === 0) stream.series.delete(key);
      }
  }

  #feature(view: TrailingShareView, name: string, key: string, windowMs: number): ShareFeature {
    const { series } = this.#stream(view, key);
    return {
      share: (entity, t) => {
        if (t - windowMs + 1 < this.#horizon) throw tooOld(`${view.name}.${name}`, t, this.#horizon + windowMs - 1);
        const rows = series.get(typeof entity === "string" ? entity : String(entity));
        return rows === undefined ? Number.NaN : rows.share(t, windowMs);
      },
      knows: (entity) => series.has(typeof entity === "string" ? entity : String(entity)),
    };
  }

  #stream(view: TrailingShareView, key: string): Stream {
    const { source, knownAt, of } = view;
    let stream = this.#streams.find(
      (s) => s.source === source && s.knownAt === knownAt && s.of === of && s.key === key,
    );
    if (stream === undefined) {
      stream = { source, knownAt, of, key, series: new Map() };
      this.#streams.push(stream);
    }
    return stream;
  }
}

function featureName(view: string, feature: string): string {
  return `${view}\u0000${feature}`;
}

function tooOld(feature: string, t: number, oldest: number): AppError {
  return new AppError(
    "unprocessable",
    `Feature "${feature}" at ${new Date(t).toISOString()} needs rows that are no longer held online; ` +
      `the oldest moment that can be asked about is ${new Date(oldest).toISOString()}.`,
  );
}

function checkColumns(stream: Stream, columns: SourceColumns): void {
  const absent = [stream.knownAt, stream.of, stream.key].find((name) => columnOf(columns, name) === null);
  if (absent !== undefined)
    throw new AppError("invalid_input", `Source "${stream.source}" needs the column "${absent}".`, {
      details: { field: absent },
    });
  const [known, values, keys] = columnsOf(stream, columns);
  for (let i = 0; i < known.length; i++) {
    const problem = rowProblem(stream, known[i], values[i], keys[i]);
    if (problem !== null) refuse(problem.column, i, problem.rule);
  }
  if (values.length !== known.length || keys.length !== known.length)
    throw new AppError("invalid_input", `Source "${stream.source}": all columns must have the same number of rows.`);
}

/** What is wrong with a row for a stream; null where it can be counted. */
function rowProblem(
  stream: Stream,
  known: unknown,
  value: unknown,
  key: unknown,
): { column: string; rule: string } | null {
  if (!Number.isSafeInteger(known))
    return { column: stream.knownAt, rule: "must be an integer, milliseconds since the epoch" };
  if (value !== 0 && value !== 1 && typeof value !== "boolean") return { column: stream.of, rule: "must be 0 or 1" };
  if (key !== null && typeof key !== "string" && !Number.isSafeInteger(key))
    return { column: stream.key, rule: "must be a string, an integer or null" };
  return null;
}

type Values = readonly unknown[];

function columnsOf(stream: Stream, columns: SourceColumns): [known: Values, values: Values, keys: Values] {
  const of = (name: string) => columnOf(columns, name) ?? [];
  return [of(stream.knownAt), of(stream.of), of(stream.key)];
}

function columnOf(columns: SourceColumns, name: string): Values | null {
  const found = Object.hasOwn(columns, name) ? columns[name] : undefined;
  return Array.isArray(found) ? found : null;
}

function refuse(name: string, row: number, rule: string): never {
  throw new AppError("invalid_input", `Column "${name}", row ${row}: ${rule}.`, {
    details: { field: `cols.${name}[${row}]` },
  });
}
