import { createLogger } from "@ballast/core";
import type { Duck } from "../duck/duck.ts";
import { identifier, literal } from "../duck/sql-text.ts";
import { SharedResults } from "./shared-results.ts";

const log = createLogger("datasets");

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
    const leaving: KeptFile[] = [];
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#kept.delete(oldest.digest);
      this.#bytes -= bytesOf(oldest);
      leaving.push(oldest);
    }
    if (leaving.length > 0) await this.#evict(duck, leaving);
    return true;
  }

  /** Somebody may hold a table's name in a query not yet run: it goes on to mean the same rows for a while. */
  async #evict(duck: Duck, files: readonly KeptFile[]): Promise<void> {
    const asViews = files.map(
      ({ table, path }) =>
        `DROP TABLE ${identifier(table)}; CREATE VIEW ${identifier(table)} AS SELECT * FROM read_parquet(${literal(path)})`,
    );
    this.#evicted.push(...files.map(({ table }) => identifier(table)));
    const done = this.#evicted.splice(0, Math.max(0, this.#evicted.length - MOST_EVICTED));
    const drops = done.map((name) => `DROP VIEW IF EXISTS ${name}`);
    try {
      await duck.run(["BEGIN", ...asViews, ...drops, "COMMIT"].join("; "));
    } catch (error) {
      // A merged file may have been collected since: nobody is told of it any more.
      log.warn("old tables of the log are let go without their files", { error });
      await duck.run(files.map(({ table }) => `DROP TABLE IF EXISTS ${identifier(table)}`).join("; "));
    }
  }
}

const bytesOf = ({ rows, columns }: KeptFile) => columns * (COLUMN_BYTES + rows * VALUE_BYTES);
