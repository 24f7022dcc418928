import { randomBytes } from "node:crypto";
import type { Duck } from "../duck/duck.ts";
import { identifier } from "../duck/sql-text.ts";

/** No two tables of an instance share a name. */
export function newTableName(): string {
  return `recent_${randomBytes(8).toString("hex")}`;
}

interface Result {
  table: Promise<string>;
  rows: number;
  readers: number;
}

/** Rows of all results together that nobody reads just now; a result of more rows than this is not shared. */
const MOST_IDLE_ROWS = 200_000;
/** A table takes as much memory before its first row: without it, the small tables of a thousand projects would fill it. */
const ROWS_OF_TABLE = 2_000;

/**
 * Results of queries over files of the log, as tables in DuckDB's memory. Files never change and a query names its own, so
 * its text says which rows it gives: what several readers of a window need is computed once. A result stays while a
 * reader holds it; of the rest the oldest go first.
 */
export class SharedResults {
  readonly #results = new Map<string, Result>();

  /** A table, quoted, with the query's rows (`rows` at most); null if these are too many to share. */
  async table(duck: Duck, query: string, rows: number, held: Set<string>): Promise<string | null> {
    if (rows > MOST_IDLE_ROWS) return null;
    let result = this.#results.get(query);
    if (result === undefined) {
      const name = identifier(newTableName());
      result = { table: duck.run(`CREATE TABLE ${name} AS ${query}`).then(() => name), rows, readers: 0 };
      this.#results.set(query, result);
      result.table.catch(() => this.#results.delete(query));
    }
    if (!held.has(query)) result.readers += 1;
    held.add(query);
    return result.table;
  }

  /** Ends a reader that got its tables with `held`. */
  async release(duck: Duck, held: ReadonlySet<string>): Promise<void> {
    for (const query of held) {
      const result = this.#results.get(query);
      if (result !== undefined) result.readers -= 1;
    }
    const idle = [...this.#results].filter(([, result]) => result.readers === 0);
    let rows = idle.reduce((sum, [, result]) => sum + costOf(result), 0);
    for (const [query, result] of idle) {
      if (rows <= MOST_IDLE_ROWS) break;
      this.#results.delete(query);
      rows -= costOf(result);
      await duck.run(`DROP TABLE ${await result.table}`);
    }
  }
}

const costOf = ({ rows }: Result) => rows + ROWS_OF_TABLE;
