/**
 * Points of a series gathered in buckets of equal step width, so that a chart reads a few hundred numbers instead of all and still shows
 * every extreme: a bucket keeps its first, last, least and greatest point. Pure.
 */

/** Columns of a bucket, in the order they are stored. A chart needs the first {@link BAND_COLUMNS} alone. */
export const COLUMN = {
  ...{ lastStep: 0, last: 1, least: 2, greatest: 3, lastAt: 4, n: 5 },
  ...{ firstStep: 6, firstAt: 7, first: 8, leastStep: 9, leastAt: 10, greatestStep: 11, greatestAt: 12 },
} as const;
export const BAND_COLUMNS = 6;
export const ALL_COLUMNS = 13;

/**
 * Buckets in ascending order of steps; none is empty. `least` and `greatest` leave NaN out and are NaN where every value is. Times are
 * epoch ms. Wanting columns (of a chart's read) are absent from the end.
 */
export interface Buckets {
  /** Steps per bucket, a power of two: a bucket holds the steps with the same floor(step / width). */
  width: number;
  length: number;
  /** One array per column; each may be longer than `length`. */
  columns: Float64Array[];
}

/** The smallest power of two that is at least `size`, from 1 to 2^52. */
export function powerOfTwo(size: number): number {
  let width = 1;
  while (width < size && width < 2 ** 52) width *= 2;
  return width;
}

/** Gathers points and buckets, which must come in ascending order. */
export class BucketBuilder {
  readonly width: number;
  readonly #columns: Float64Array[];
  #length = 0;
  #index = Number.NaN;

  constructor(width: number, columns = ALL_COLUMNS) {
    this.width = width;
    this.#columns = Array.from({ length: columns }, () => new Float64Array(64));
  }

  get length(): number {
    return this.#length;
  }

  /** Adds a point that is not before the last by (step, time). Needs all columns. */
  addPoint(step: number, at: number, value: number): void {
    const index = Math.floor(step / this.width);
    if (index !== this.#index) {
      this.#push(index);
      const i = this.#length - 1;
      this.#setLast(i, step, at, value);
      const [least, greatest, n, firstStep, firstAt, first, leastStep, leastAt, greatestStep, greatestAt] =
        this.#inner();
      least[i] = value;
      greatest[i] = value;
      n[i] = 1;
      firstStep[i] = step;
      leastStep[i] = step;
      greatestStep[i] = step;
      firstAt[i] = at;
      leastAt[i] = at;
      greatestAt[i] = at;
      first[i] = value;
      return;
    }
    this.#extend(this.#length - 1, step, at, value);
  }

  #extend(i: number, step: number, at: number, value: number): void {
    const [least, greatest, n, , , , leastStep, leastAt, greatestStep, greatestAt] = this.#inner();
    n[i] = (n[i] as number) + 1;
    // Of two points of one step and time NaN is the lesser, though PostgreSQL sorts it behind.
    const tie = step === this.#at(COLUMN.lastStep, i) && at === this.#at(COLUMN.lastAt, i);
    if (!(tie && Number.isNaN(value))) this.#setLast(i, step, at, value);
    if (Number.isNaN(value)) return;
    if (!((least[i] as number) <= value)) {
      least[i] = value;
      leastStep[i] = step;
      leastAt[i] = at;
    }
    if (!((greatest[i] as number) >= value)) {
      greatest[i] = value;
      greatestStep[i] = step;
      greatestAt[i] = at;
    }
  }

  /** Adds a bucket of the same or a lesser width that is not before the last. Columns it lacks stay without meaning. */
  addBucket(from: Buckets, i: number): void {
    const cell = (column: number): number => (from.columns[column] as Float64Array)[i] as number;
    const index = Math.floor(cell(COLUMN.lastStep) / this.width);
    if (index !== this.#index) {
      this.#push(index);
      const to = this.#length - 1;
      for (let c = 0; c < from.columns.length; c++) (this.#columns[c] as Float64Array)[to] = cell(c);
      return;
    }
    const to = this.#length - 1;
    this.#setLast(to, cell(COLUMN.lastStep), cell(COLUMN.lastAt), cell(COLUMN.last));
    (this.#columns[COLUMN.n] as Float64Array)[to] = this.#at(COLUMN.n, to) + cell(COLUMN.n);
    const whole = from.columns.length === ALL_COLUMNS;
    this.#extreme(to, cell, COLUMN.least, whole ? COLUMN.leastStep : -1, -1);
    this.#extreme(to, cell, COLUMN.greatest, whole ? COLUMN.greatestStep : -1, 1);
  }

  /** Adds all of them. */
  addBuckets(from: Buckets): void {
    for (let i = 0; i < from.length; i++) this.addBucket(from, i);
  }

  /** `stepColumn` and the one behind it say where the extreme is; −1 where that is not kept. */
  #extreme(to: number, cell: (column: number) => number, column: number, stepColumn: number, sign: 1 | -1): void {
    const value = cell(column);
    const held = this.#at(column, to);
    if (Number.isNaN(value) || sign * held >= sign * value) return;
    (this.#columns[column] as Float64Array)[to] = value;
    if (stepColumn < 0) return;
    (this.#columns[stepColumn] as Float64Array)[to] = cell(stepColumn);
    (this.#columns[stepColumn + 1] as Float64Array)[to] = cell(stepColumn + 1);
  }

  #at(column: number, i: number): number {
    return (this.#columns[column] as Float64Array)[i] as number;
  }

  #setLast(i: number, step: number, at: number, value: number): void {
    (this.#columns[COLUMN.lastStep] as Float64Array)[i] = step;
    (this.#columns[COLUMN.lastAt] as Float64Array)[i] = at;
    (this.#columns[COLUMN.last] as Float64Array)[i] = value;
  }

  #inner() {
    const c = this.#columns as [...Float64Array[]];
    return [
      ...[c[COLUMN.least], c[COLUMN.greatest], c[COLUMN.n], c[COLUMN.firstStep], c[COLUMN.firstAt], c[COLUMN.first]],
      ...[c[COLUMN.leastStep], c[COLUMN.leastAt], c[COLUMN.greatestStep], c[COLUMN.greatestAt]],
    ] as Ten;
  }

  #push(index: number): void {
    this.#index = index;
    this.#length++;
    if (this.#length <= (this.#columns[0] as Float64Array).length) return;
    for (let c = 0; c < this.#columns.length; c++) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#columns[c] as Float64Array);
      this.#columns[c] = larger;
    }
  }

  /** What was gathered; the builder is not to be used any more. */
  finish(): Buckets {
    return { width: this.width, length: this.#length, columns: this.#columns };
  }
}
type Ten = [
  ...[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array],
  ...[Float64Array, Float64Array, Float64Array, Float64Array, Float64Array],
];

/** The same buckets, gathered into wider ones. */
export function widen(buckets: Buckets, width: number): Buckets {
  if (width <= buckets.width) return buckets;
  const builder = new BucketBuilder(width, buckets.columns.length);
  builder.addBuckets(buckets);
  return builder.finish();
}

/** Buckets [from, to) as bytes: little-endian float64, column after column. */
export function packBuckets(buckets: Buckets, from = 0, to = buckets.length): Uint8Array {
  const packed = new Float64Array((to - from) * buckets.columns.length);
  buckets.columns.forEach((column, c) => {
    packed.set(column.subarray(from, to), c * (to - from));
  });
  return new Uint8Array(packed.buffer);
}

/** The reverse, of the first `columns` columns of `length` buckets. */
export function unpackBuckets(bytes: Uint8Array, width: number, length: number, columns = ALL_COLUMNS): Buckets {
  const size = length * columns * 8;
  // A driver's buffer may begin anywhere; a float64 array begins at a multiple of eight.
  const copy = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + size) as ArrayBuffer);
  return {
    ...{ width, length },
    columns: Array.from({ length: columns }, (_, c) => copy.subarray(c * length, (c + 1) * length)),
  };
}

/** Points as PostgreSQL packs them: step and time as int64, value as float64, big-endian. In ascending order. */
export class PackedPoints {
  readonly length: number;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.length = bytes.byteLength / 24;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  step(i: number): number {
    return this.#view.getInt32(i * 24) * 2 ** 32 + this.#view.getUint32(i * 24 + 4);
  }

  at(i: number): number {
    return this.#view.getInt32(i * 24 + 8) * 2 ** 32 + this.#view.getUint32(i * 24 + 12);
  }

  value(i: number): number {
    return this.#view.getFloat64(i * 24 + 16);
  }

  /** The point's key in full: steps and times may be larger than a double can say. */
  exactly(i: number): { step: bigint; at: bigint; value: number } {
    return { step: this.#view.getBigInt64(i * 24), at: this.#view.getBigInt64(i * 24 + 8), value: this.value(i) };
  }

  /** Each point in a bucket of its own, whatever its step. */
  asBuckets(): Buckets {
    const columns = Array.from({ length: ALL_COLUMNS }, () => new Float64Array(this.length));
    const fill = (names: readonly (keyof typeof COLUMN)[], of: (i: number) => number) => {
      for (const name of names) {
        const column = columns[COLUMN[name]] as Float64Array;
        for (let i = 0; i < column.length; i++) column[i] = of(i);
      }
    };
    fill(["firstStep", "lastStep", "leastStep", "greatestStep"], (i) => this.step(i));
    fill(["firstAt", "lastAt", "leastAt", "greatestAt"], (i) => this.at(i));
    fill(["first", "last", "least", "greatest"], (i) => this.value(i));
    fill(["n"], () => 1);
    return { width: 1, length: this.length, columns };
  }

  addTo(builder: BucketBuilder): void {
    for (let i = 0; i < this.length; i++) builder.addPoint(this.step(i), this.at(i), this.value(i));
  }
}
