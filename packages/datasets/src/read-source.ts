import { open, stat } from "node:fs/promises";
import type { DuckSession } from "./duck/duck.ts";
import { literal } from "./duck/sql-text.ts";
import type { DatasetFormat } from "./index.ts";

/** Why a file can't become a dataset version; its message goes into the report. */
export class UnreadableFile extends Error {}

/**
 * A received file as a relation: Parquet by its magic bytes, anything else as CSV with a header (gzip allowed).
 * Throws {@link UnreadableFile} for a missing, empty or unreadable file, with the reason.
 */
export async function readSource(
  session: DuckSession,
  path: string,
): Promise<{ relation: string; format: DatasetFormat }> {
  const head = await firstBytes(path);
  const parquet = head.subarray(0, 4).toString("latin1") === "PAR1";
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  const relation = parquet
    ? `read_parquet(${literal([path])})`
    : `read_csv(${literal(path)}, header = true, compression = ${gzip ? "'gzip'" : "'none'"}, sample_size = 100000)`;
  try {
    await session.run(`CREATE TEMP VIEW source AS SELECT * FROM ${relation}`);
    // A torn file often shows itself at its end only.
    const [count] = await session.all<{ n: number }>("SELECT count(*) AS n FROM (SELECT COLUMNS(*) FROM source)");
    if ((count?.n ?? 0) === 0) throw new UnreadableFile("The file holds no rows.");
  } catch (error) {
    if (error instanceof UnreadableFile || String(error).includes("Out of Memory")) throw error;
    throw new UnreadableFile(`The file is not readable as ${parquet ? "Parquet" : "CSV"}: ${reason(error, path)}`);
  }
  return { relation: "source", format: parquet ? "parquet" : "csv" };
}

async function firstBytes(path: string): Promise<Buffer> {
  const size = await stat(path).then(
    (s) => s.size,
    () => -1,
  );
  if (size < 0) throw new UnreadableFile("The file is not in the artifact store; upload it first.");
  if (size === 0) throw new UnreadableFile("The file is empty.");
  const file = await open(path, "r");
  const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0).finally(() => file.close());
  return buffer;
}

/** DuckDB's first line without our folders. */
export function reason(error: unknown, path: string): string {
  const [line] = String(error instanceof Error ? error.message : error).split("\n");
  return (line ?? "").replaceAll(path, "the file").slice(0, 300);
}
