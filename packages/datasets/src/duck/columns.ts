import { AppError } from "@ballast/core";

export type Column = Float32Array | Float64Array | (string | null)[];

/**
 * A query's result, column by column. FLOAT comes as Float32Array, every other number, boolean and BIGINT as
 * Float64Array (exact up to 2^53), text as strings. Null is NaN in a number column, null in a text column.
 */
export class ColumnTable {
  readonly rows: number;
  readonly names: readonly string[];
  readonly #columns: readonly Column[];

  constructor(rows: number, names: readonly string[], columns: readonly Column[]) {
    this.rows = rows;
    this.names = names;
    this.#columns = columns;
  }

  column(name: string): Column {
    const found = this.#columns[this.names.indexOf(name)];
    if (found) return found;
    throw new AppError("internal", `The query gave no column "${name}", only ${this.names.join(", ")}.`);
  }

  /** A number column as float64, whatever its width. */
  numbers(name: string): Float64Array {
    const column = this.column(name);
    if (column instanceof Float64Array) return column;
    if (column instanceof Float32Array) return Float64Array.from(column);
    throw new AppError("internal", `The query's column "${name}" is text.`);
  }

  /** A FLOAT column. */
  floats(name: string): Float32Array {
    const column = this.column(name);
    if (column instanceof Float32Array) return column;
    throw new AppError("internal", `The query's column "${name}" is not FLOAT.`);
  }

  /** A text column. */
  texts(name: string): (string | null)[] {
    const column = this.column(name);
    if (Array.isArray(column)) return column;
    throw new AppError("internal", `The query's column "${name}" is a number.`);
  }
}
