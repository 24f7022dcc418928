import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Scope } from "@ballast/core";
import { journalSegments, type SegmentFile, type Tx, withTenant } from "@ballast/db";
import { and, asc, between, eq, inArray, lt } from "drizzle-orm";
import { identifier, literal } from "../duck/sql-text.ts";
import { type LogDeps, segmentContents } from "./compact-segment.ts";
import { parquet } from "./log-relation.ts";
import { newTableName } from "./shared-results.ts";

/** So many segments of one size class become one. */
const FAN_IN = 16;
/** A segment with more rows is large enough: 16 of them are too few files to matter. As the index `journal_segments_small` says. */
const MOST_ROWS = 4_095;
/** Newer ones are left alone: windows read them from memory. */
const SETTLED_MS = 10 * 60_000;
const MOST_CANDIDATES = 2_000;
/** Merges of one call: a long backlog is worked off between other things. */
const MOST_MERGES = 50;

/** A compacted segment whose files are few rows. */
export type SmallSegment = Pick<typeof journalSegments.$inferSelect, "id" | "sequence" | "rows" | "files">;

/**
 * The oldest 16 segments of one size class (1 to 15 rows, to 255, to 4,095), or none: then each class has fewer. A row is so written again
 * once per class and no more. Pure.
 */
export function segmentsToMerge<S extends Pick<SmallSegment, "rows" | "sequence">>(small: readonly S[]): S[] {
  const classes = Map.groupBy(small, ({ rows }) => Math.floor(Math.log2(Math.max(rows, 1)) / Math.log2(FAN_IN)));
  const full = [...classes.values()].find((segments) => segments.length >= FAN_IN);
  return (full ?? []).toSorted((a, b) => a.sequence - b.sequence).slice(0, FAN_IN);
}

/**
 * Merges the Parquet files of small segments, 16 into one, until few are left: a gateway with little traffic seals a segment every two
 * seconds, and a reader must not open tens of thousands of files for a day. Rows, their order (`ordinal`) and their times stay; the last
 * of the segments keeps the merged files, the others keep none. Who listed the old files before finds them until garbage is collected.
 * Answers how many segments gave their files away. Killed anywhere, nothing has changed.
 */
export async function mergeSegments(deps: LogDeps, scope: Scope, now: () => number = Date.now): Promise<number> {
  let given = 0;
  for (let merge = 0; merge < MOST_MERGES; merge++) {
    const small = await withTenant(deps.db, scope.teamId, (tx) => smallSegments(tx, scope, now() - SETTLED_MS));
    const chosen = segmentsToMerge(small);
    if (chosen.length === 0) break;
    const files = await mergeFiles(
      deps,
      chosen.flatMap((segment) => segment.files),
    );
    if (!(await withTenant(deps.db, scope.teamId, (tx) => exchange(tx, scope, chosen, files)))) break;
    given += chosen.length - 1;
  }
  return given;
}

const ofProject = (scope: Scope) =>
  and(eq(journalSegments.teamId, scope.teamId), eq(journalSegments.projectId, scope.projectId));

function smallSegments(tx: Tx, scope: Scope, before: number): Promise<SmallSegment[]> {
  const { id, sequence, rows, files, compactedAt } = journalSegments;
  return tx
    .select({ id, sequence, rows, files })
    .from(journalSegments)
    .where(and(ofProject(scope), between(rows, 1, MOST_ROWS), lt(compactedAt, new Date(before))))
    .orderBy(asc(sequence))
    .limit(MOST_CANDIDATES);
}

/** Gives the last segment the merged files and the others none; false where one has changed meanwhile. */
async function exchange(tx: Tx, scope: Scope, chosen: readonly SmallSegment[], files: SegmentFile[]): Promise<boolean> {
  const ids = chosen.map(({ id }) => id);
  const { id } = journalSegments;
  const current = await tx
    .select({ id, files: journalSegments.files })
    .from(journalSegments)
    .where(and(ofProject(scope), inArray(id, ids)))
    .orderBy(asc(id))
    .for("update");
  const digests = (segments: readonly Pick<SmallSegment, "files">[]) =>
    segments.flatMap((segment) => segment.files.map((file) => file.digest)).toSorted();
  if (String(digests(current)) !== String(digests(chosen))) return false;
  await tx
    .update(journalSegments)
    .set(segmentContents([]))
    .where(and(ofProject(scope), inArray(id, ids.slice(0, -1))));
  await tx
    .update(journalSegments)
    .set(segmentContents(files))
    .where(and(ofProject(scope), eq(id, ids.at(-1) as string)));
  return true;
}

/** One file per kind, source and set of columns: files that differ in these stay apart, as no reader sees a value change its type. */
async function mergeFiles(deps: LogDeps, files: readonly SegmentFile[]): Promise<SegmentFile[]> {
  const groups = new Map<string, SegmentFile[]>();
  for (const file of files) {
    const columns = await deps.duck.all<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM ${await parquet(deps, [file.digest])}`,
    );
    const shape = columns.map(({ column_name, column_type }) => `${column_name} ${column_type}`).toSorted();
    const key = JSON.stringify([file.kind, file.source ?? null, shape]);
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const merged: SegmentFile[] = [];
  for (const group of groups.values())
    merged.push(group.length === 1 ? (group[0] as SegmentFile) : await mergeGroup(deps, group));
  return merged;
}

async function mergeGroup(deps: LogDeps, files: readonly SegmentFile[]): Promise<SegmentFile> {
  const folder = join(deps.artifacts.root, "compacting");
  await mkdir(folder, { recursive: true });
  const temporary = join(folder, `${newTableName()}.parquet`);
  try {
    const relation = await parquet(
      deps,
      files.map((file) => file.digest),
    );
    await deps.duck.run(
      `COPY (FROM ${relation} ORDER BY ${identifier("ordinal")}) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const { digest } = await deps.artifacts.put(await readFile(temporary));
    return { ...described(files), digest };
  } finally {
    await rm(temporary, { force: true });
  }
}

/** What the files of one kind and source say of themselves, together. A column without values has no range: null in JSON. */
function described(files: readonly SegmentFile[]): Omit<SegmentFile, "digest"> {
  const [{ kind, source }] = files as [SegmentFile];
  const names = new Set(files.flatMap((file) => Object.keys(file.ranges ?? {})));
  const ranges = Object.fromEntries(
    Array.from(names, (name) => [name, span(files.flatMap((file) => file.ranges?.[name] ?? []))]),
  );
  const [minTime, maxTime] = span(files.flatMap((file) => [file.minTime, file.maxTime]));
  return {
    kind,
    ...(source === undefined ? {} : { source }),
    ...{ rows: files.reduce((sum, file) => sum + file.rows, 0), minTime, maxTime },
    ...(names.size > 0 ? { ranges } : {}),
    ...(files.some((file) => file.late) ? { late: true } : {}),
  };
}

function span(values: readonly number[]): [number, number] {
  const known = values.filter(Number.isFinite);
  return [
    known.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    known.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  ];
}
