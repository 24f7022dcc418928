import type { Duck } from "../duck/duck.ts";
import { identifier, literal } from "../duck/sql-text.ts";
import { SharedResults } from "./shared-results.ts";

/** A file of the log and the table that holds the same rows. */
export interface KeptFile {
  digest: string;
  /** Where the Parquet file lies. */
  path: string;
  /** A table of the instance, named by {@link newTableName}. */
  table: string;
  /** Rows × columns. */
  cells: number;
}

/** About 16 bytes each: some 100 MiB of DuckDB's memory. */
const MOST_CELLS = 6_000_000;
/** A query runs moments after it was told of a table: so many newer evictions do not fit in between. */
const MOST_EVICTED = 256;

/**
 * The newest files of the offline log as tables in DuckDB's memory: a window is read within moments of its compaction,
 * and opening its Parquet files costs more than the queries do. The files stay the truth: one that is not here (after a
 * restart, or grown old) is read instead. Bounded by cells; the oldest go first.
 */
export class RecentLog {
  readonly results = new SharedResults();
  readonly #mostCells: number;
  readonly #kept = new Map<string, KeptFile>();
  readonly #evicted: string[] = [];
  #cells = 0;

  constructor(mostCells = MOST_CELLS) {
    this.#mostCells = mostCells;
  }

  /** The table with a file's rows, quoted for SQL; null if the file must be read. */
  table(digest: string): string | null {
    const kept = this.#kept.get(digest);
    return kept === undefined ? null : identifier(kept.table);
  }

  /** Takes over a file's table, and lets the oldest go. False if the file's rows are here already. */
  async keep(duck: Duck, file: KeptFile): Promise<boolean> {
    if (this.#kept.has(file.digest)) return false;
    this.#kept.set(file.digest, file);
    this.#cells += file.cells;
    for (const oldest of this.#kept.values()) {
      if (this.#cells <= this.#mostCells) break;
      this.#kept.delete(oldest.digest);
      this.#cells -= oldest.cells;
      await this.#evict(duck, oldest);
    }
    return true;
  }

  /** Somebody may hold the table's name in a query not yet run: it goes on to mean the same rows for a while. */
  async #evict(duck: Duck, { table, path }: KeptFile): Promise<void> {
    const name = identifier(table);
    await duck.session(async (session) => {
      await session.run("BEGIN");
      await session.run(`DROP TABLE ${name}`);
      await session.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet(${literal(path)})`);
      await session.run("COMMIT");
    });
    this.#evicted.push(name);
    const last = this.#evicted.length > MOST_EVICTED ? this.#evicted.shift() : undefined;
    if (last !== undefined) await duck.run(`DROP VIEW ${last}`);
  }
}
