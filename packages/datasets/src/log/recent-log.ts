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
  rows: number;
  columns: number;
}

/** Of DuckDB's memory. */
const MOST_BYTES = 100 * 2 ** 20;
/** What a column takes before its first row (measured: 26 KiB), and about each value: a quiet gateway's tables are of three rows. */
const COLUMN_BYTES = 32 * 2 ** 10;
const VALUE_BYTES = 16;
/** A query runs moments after it was told of a table: so many newer evictions do not fit in between. */
const MOST_EVICTED = 256;

/**
 * The newest files of the offline log as tables in DuckDB's memory: a window is read within moments of its compaction,
 * and opening its Parquet files costs more than the queries do. The files stay the truth: one that is not here (after a
 * restart, or grown old) is read instead. Bounded by what they take; the oldest go first.
 */
export class RecentLog {
  readonly results = new SharedResults();
  readonly #mostBytes: number;
  readonly #kept = new Map<string, KeptFile>();
  readonly #evicted: string[] = [];
  #bytes = 0;

  constructor(mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes;
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
    this.#bytes += bytesOf(file);
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#kept.delete(oldest.digest);
      this.#bytes -= bytesOf(oldest);
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

const bytesOf = ({ rows, columns }: KeptFile) => columns * (COLUMN_BYTES + rows * VALUE_BYTES);
