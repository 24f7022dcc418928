import { AppError } from "@ballast/core";
import {
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import { ColumnTable } from "./columns.ts";
import { fillColumn, newColumn } from "./read-vector.ts";
import { writeVector } from "./write-vector.ts";

export interface DuckOptions {
  /** Hard limit of DuckDB's own buffers, MiB; its default would take most of the machine. */
  memoryLimitMb: number;
  threads: number;
  /** Where it spills what does not fit. */
  tempDir: string;
}

/** One connection with its own temporary tables. */
export interface DuckSession {
  /** Rows as objects; BIGINT as number (refused beyond 2^53), lists as arrays. For small results. */
  all<T>(sql: string, params?: readonly DuckDBValue[]): Promise<T[]>;
  /** Columns as typed arrays, for large results. */
  read(sql: string, params?: readonly DuckDBValue[]): Promise<ColumnTable>;
  /** A statement whose rows do not matter. */
  run(sql: string, params?: readonly DuckDBValue[]): Promise<void>;
  /**
   * Appends columns of values (null allowed; a BIGINT as a bigint or as a number, which is rounded) to an existing table,
   * in the table's column order.
   */
  append(table: string, types: readonly DuckDBType[], columns: readonly (readonly unknown[])[]): Promise<void>;
}

/** DuckDB in this process, in memory, under explicit limits. Sessions may run side by side; they share the limits. */
export interface Duck {
  /** Runs `work` on a connection of its own and closes that, whatever happens. */
  session<T>(work: (session: DuckSession) => Promise<T>): Promise<T>;
  all<T>(sql: string, params?: readonly DuckDBValue[]): Promise<T[]>;
  read(sql: string, params?: readonly DuckDBValue[]): Promise<ColumnTable>;
  run(sql: string, params?: readonly DuckDBValue[]): Promise<void>;
  close(): void;
}

/** Opens DuckDB. Its extensions are not downloaded: what is used (parquet, json, icu) is built in. */
export async function openDuck(options: DuckOptions): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:", {
    memory_limit: `${Math.round(options.memoryLimitMb)}MiB`,
    threads: String(options.threads),
    temp_directory: options.tempDir,
    autoinstall_known_extensions: "false",
    preserve_insertion_order: "true",
  });
  const setUp = await instance.connect();
  await setUp.run("LOAD icu; SET GLOBAL TimeZone = 'UTC'");
  setUp.closeSync();
  const session = async <T>(work: (session: DuckSession) => Promise<T>): Promise<T> => {
    const connection = await instance.connect();
    try {
      return await work(createSession(connection));
    } finally {
      connection.closeSync();
    }
  };
  return {
    session,
    all: (sql, params) => session((s) => s.all(sql, params)),
    read: (sql, params) => session((s) => s.read(sql, params)),
    run: (sql, params) => session((s) => s.run(sql, params)),
    close: () => instance.closeSync(),
  };
}

const CHUNK_ROWS = 2048;

function createSession(connection: DuckDBConnection): DuckSession {
  return {
    async all<T>(sql: string, params: readonly DuckDBValue[] = []) {
      const reader = await connection.runAndReadAll(sql, [...params]);
      return reader.getRowObjectsJS().map((row) => plainRow(row)) as T[];
    },
    async read(sql, params = []) {
      const result = await connection.run(sql, [...params]);
      const names = result.columnNames();
      const types = result.columnTypes();
      const rows = result.rowCount;
      const columns = types.map((type, i) => newColumn(names[i] as string, type, rows));
      let offset = 0;
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        columns.forEach((column, i) => {
          fillColumn(column, offset, chunk.getColumnVector(i), chunk.rowCount);
        });
        offset += chunk.rowCount;
      }
      return new ColumnTable(rows, names, columns);
    },
    async run(sql, params = []) {
      await connection.run(sql, [...params]);
    },
    async append(table, types, columns) {
      const rows = columns[0]?.length ?? 0;
      const appender = await connection.createAppender(table);
      for (let from = 0; from < rows; from += CHUNK_ROWS) {
        const count = Math.min(CHUNK_ROWS, rows - from);
        const chunk = DuckDBDataChunk.create(types, count);
        columns.forEach((column, i) => {
          writeVector(chunk.getColumnVector(i), column, from, count);
        });
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    },
  };
}

function plainRow(row: Record<string, unknown>): Record<string, unknown> {
  for (const [name, value] of Object.entries(row)) if (typeof value === "bigint") row[name] = toNumber(value);
  return row;
}

function toNumber(value: bigint): number {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw new AppError("unprocessable", `The integer ${value} is beyond 2^53 and would lose digits.`);
}
