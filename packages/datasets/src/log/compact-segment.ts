import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ArtifactStore, readSegment } from "@ballast/artifacts";
import { AppError, type EpochMs, notFound, type Scope } from "@ballast/core";
import { type Database, journalSegments, projects, type SegmentFile, type Tx, withTenant } from "@ballast/db";
import { BIGINT, BOOLEAN, DOUBLE, type DuckDBType, FLOAT, INTEGER, LIST, VARCHAR } from "@duckdb/node-api";
import { and, eq } from "drizzle-orm";
import type { Duck, DuckSession } from "../duck/duck.ts";
import { identifier, literal } from "../duck/sql-text.ts";
import type { LogColumn, LogColumnType } from "./log-columns.ts";
import type { LogReader } from "./log-files.ts";
import type { RecentLog } from "./recent-log.ts";
import { segmentTables } from "./segment-tables.ts";
import { newTableName } from "./shared-results.ts";
import { newestSegments, reachedWatermark } from "./watermark.ts";

/** What the offline log needs: the database, the artifact store and DuckDB. */
export interface LogDeps {
  db: Database;
  artifacts: ArtifactStore;
  duck: Duck;
  /** Newest files in memory; without it every file is read. */
  recent?: RecentLog;
  /** Who reads several things of one range, see `readingLog`. */
  reader?: LogReader;
}

export interface Compaction {
  /** False when the segment had been compacted before. */
  compacted: boolean;
  files: SegmentFile[];
  /** How far the log is complete now, epoch ms: what the project's watermark may move to. Null before the first. */
  watermark: EpochMs | null;
}

/**
 * Turns a sealed segment into Parquet files in the artifact store, and says how far the unbroken run of compacted
 * segments vouches for. `within` runs in the transaction that marks the segment compacted, also for one that was
 * before: move the watermark and close windows there, and a crash can't come between. Idempotent by the segment's id;
 * killed anywhere, a second call does it again (files are content-addressed). Throws `not_found` for an unknown
 * segment, `unprocessable` for a damaged one.
 */
export async function compactSegment(
  deps: LogDeps,
  scope: Scope,
  segmentId: string,
  within?: (tx: Tx, watermark: EpochMs) => Promise<void>,
): Promise<Compaction> {
  const segment = await withTenant(deps.db, scope.teamId, async (tx) => {
    const [row] = await tx.select().from(journalSegments).where(ofSegment(scope, segmentId));
    return row;
  });
  if (segment === undefined) throw notFound("Journal segment", segmentId);
  const compacted = segment.state === "sealed";
  const files = compacted ? await writeSegment(deps, segment) : segment.files;
  return withTenant(deps.db, scope.teamId, async (tx) => {
    if (compacted)
      await tx
        .update(journalSegments)
        .set({ state: "compacted", ...segmentContents(files), compactedAt: new Date() })
        .where(and(ofSegment(scope, segmentId), eq(journalSegments.state, "sealed")));
    const watermark = reachedWatermark(await newestSegments(tx, scope));
    if (watermark !== null) await within?.(tx, watermark);
    return { compacted, files, watermark };
  });
}

/** What a segment's row says of its files. Pure. */
export function segmentContents(
  files: SegmentFile[],
): Pick<typeof journalSegments.$inferInsert, "files" | "rows" | "firstTime" | "lastTime"> {
  const times = files
    .flatMap(({ minTime, maxTime, ranges }) => [minTime, maxTime, ...Object.values(ranges ?? {}).flat()])
    .filter(Number.isFinite);
  return {
    files,
    rows: files.reduce((sum, file) => sum + file.rows, 0),
    firstTime: times.length === 0 ? null : Math.floor(times.reduce((least, time) => Math.min(least, time))),
    lastTime: times.length === 0 ? null : Math.ceil(times.reduce((most, time) => Math.max(most, time))),
  };
}

/** The project's watermark, epoch ms. */
export async function watermarkOf(tx: Tx, scope: Scope): Promise<EpochMs | null> {
  const [project] = await tx
    .select({ watermark: projects.watermark })
    .from(projects)
    .where(and(eq(projects.teamId, scope.teamId), eq(projects.id, scope.projectId)));
  return project?.watermark ? +project.watermark : null;
}

function ofSegment(scope: Scope, segmentId: string) {
  return and(
    eq(journalSegments.teamId, scope.teamId),
    eq(journalSegments.projectId, scope.projectId),
    eq(journalSegments.id, segmentId),
  );
}

async function writeSegment(
  deps: LogDeps,
  segment: { id: string; path: string; sequence: number; bytes: number; records: number },
): Promise<SegmentFile[]> {
  const contents = readSegment(segment.path);
  if (contents.validBytes < segment.bytes || contents.records.length < segment.records)
    throw new AppError(
      "unprocessable",
      `Journal segment ${segment.id} is damaged: ${contents.records.length} of ${segment.records} records ` +
        `(${contents.validBytes} of ${segment.bytes} bytes) can be read.`,
    );
  const folder = join(deps.artifacts.root, "compacting");
  await mkdir(folder, { recursive: true });
  // Each waits for the disk: all at once.
  return Promise.all(
    segmentTables(contents.records, segment.sequence).map(({ columns, ...file }) =>
      writeTable(deps, folder, columns, file),
    ),
  );
}

/** Writes one table as a Parquet artifact; its rows stay in memory where the newest are kept. */
async function writeTable(
  deps: LogDeps,
  folder: string,
  columns: readonly LogColumn[],
  file: Omit<SegmentFile, "digest">,
): Promise<SegmentFile> {
  const table = newTableName();
  const temporary = join(folder, `${table}.parquet`);
  let kept = false;
  try {
    await deps.duck.session((session) => fillTable(session, table, columns));
    await deps.duck.run(
      `COPY ${identifier(table)} TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
    );
    const { digest } = await deps.artifacts.put(await readFile(temporary));
    const path = deps.artifacts.path(digest);
    kept =
      (await deps.recent?.keep(deps.duck, { digest, path, table, rows: file.rows, columns: columns.length })) ?? false;
    return { ...file, digest };
  } finally {
    await rm(temporary, { force: true });
    if (!kept) await deps.duck.run(`DROP TABLE IF EXISTS ${identifier(table)}`);
  }
}

async function fillTable(session: DuckSession, table: string, columns: readonly LogColumn[]): Promise<void> {
  await session.run(`CREATE TABLE ${identifier(table)} (${columns.map((c) => `${identifier(c.name)} ${c.type}`)})`);
  await session.append(
    table,
    columns.map((c) => DUCK_TYPE[c.type]),
    columns.map((c) => duckValues(c.type, c.values)),
  );
}

const DUCK_TYPE: Record<LogColumnType, DuckDBType> = {
  BIGINT,
  INTEGER,
  DOUBLE,
  VARCHAR,
  BOOLEAN,
  "FLOAT[]": LIST(FLOAT),
};

function duckValues(type: LogColumnType, values: readonly unknown[]): readonly unknown[] {
  return type === "FLOAT[]" ? values.map((value) => (value === null ? null : { items: value })) : values;
}
