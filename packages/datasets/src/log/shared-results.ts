import { randomBytes } from "node:crypto";
import type { Duck } from "../duck/duck.ts";
import { identifier } from "../duck/sql-text.ts";

/** No two tables of an instance share a name. */
export function newTableName(): string {
  return `recent_${randomBytes(8).toString("hex")}`;
}

interface Result {
  query: string;
  table: Promise<string>;
  rows: number;
  readers: number;
}

/** What a reader holds. */
export type HeldResults = Set<Result>;

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
  async table(duck: Duck, query: string, rows: number, held: HeldResults): Promise<string | null> {
    if (rows > MOST_IDLE_ROWS) return null;
    const result = this.#results.get(query) ?? this.#compute(duck, query, rows);
    if (!held.has(result)) result.readers += 1;
    held.add(result);
    return result.table;
  }

  #compute(duck: Duck, query: string, rows: number): Result {
    const name = identifier(newTableName());
    const result = { query, table: duck.run(`CREATE TABLE ${name} AS ${query}`).then(() => name), rows, readers: 0 };
    this.#results.set(query, result);
    result.table.catch(() => this.#forget(result));
    return result;
  }

  /** Ends a reader that got its tables with `held`. */
  async release(duck: Duck, held: HeldResults): Promise<void> {
    for (const result of held) result.readers -= 1;
    const idle = [...this.#results.values()].filter(({ readers }) => readers === 0);
    let rows = idle.reduce((sum, result) => sum + costOf(result), 0);
    const leaving: Promise<string>[] = [];
    for (const result of idle) {
      if (rows <= MOST_IDLE_ROWS) break;
      // Before anything is awaited: from here on nobody can take it.
      this.#forget(result);
      rows -= costOf(result);
      leaving.push(result.table);
    }
    if (leaving.length > 0) await duck.run((await Promise.all(leaving)).map((name) => `DROP TABLE ${name}`).join("; "));
  }

  #forget(result: Result): void {
    if (this.#results.get(result.query) === result) this.#results.delete(result.query);
  }
}

const costOf = ({ rows }: Result) => rows + ROWS_OF_TABLE;
