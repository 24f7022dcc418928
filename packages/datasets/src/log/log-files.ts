import type { EpochMs, Scope } from "@ballast/core";
import { journalSegments, type SegmentFile, withTenant } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import type { LogDeps } from "./compact-segment.ts";
import type { HeldResults } from "./shared-results.ts";

/** Event-time range, start inclusive, end exclusive, epoch ms. */
export interface TimeRange {
  from: EpochMs;
  to: EpochMs;
}

export interface FileFilter {
  source?: string;
  /** Column of `source_rows` that the range is about; else the file's own range of times. */
  column?: string;
}

/** What reads several things of one range: the files that may hold its rows by any of their times, listed once. */
export interface LogReader extends TimeRange {
  files: readonly SegmentFile[];
  /** Shared results it holds. */
  held: HeldResults;
  /** Of relations of answers: whether any request was answered more than once. */
  repeats: Map<string, Promise<boolean>>;
}

/** Files of the offline log that may hold rows of the range, oldest segment first. */
export async function logFiles(
  deps: Pick<LogDeps, "db" | "reader">,
  scope: Scope,
  kind: SegmentFile["kind"],
  range: TimeRange,
  filter: FileFilter = {},
): Promise<SegmentFile[]> {
  const { reader } = deps;
  if (reader !== undefined && range.from >= reader.from && range.to <= reader.to)
    return reader.files.filter((file) => file.kind === kind && matches(file, range, filter));
  const conditions: SQL[] = [sql`f->>'kind' = ${kind}`];
  if (filter.source !== undefined) conditions.push(sql`f->>'source' = ${filter.source}`);
  const least = filter.column ? sql`coalesce(f->'ranges'->${filter.column}->>0, f->>'minTime')` : sql`f->>'minTime'`;
  const greatest = filter.column ? sql`coalesce(f->'ranges'->${filter.column}->>1, f->>'maxTime')` : sql`f->>'maxTime'`;
  conditions.push(sql`(${greatest})::float8 >= ${range.from}::float8`, sql`(${least})::float8 < ${range.to}::float8`);
  return compactedFiles(deps, scope, range, sql.join(conditions, sql` and `));
}

function matches(file: SegmentFile, { from, to }: TimeRange, { source, column }: FileFilter): boolean {
  if (source !== undefined && file.source !== source) return false;
  const own = column === undefined ? undefined : file.ranges?.[column];
  const [least, greatest] = own ?? [file.minTime, file.maxTime];
  return greatest >= from && least < to;
}

/**
 * Runs `work` with `deps` that know the files of a range: what it reads within that range asks the database no more, and
 * relations that several of its queries need are computed once.
 */
export async function readingLog<D extends LogDeps, T>(
  deps: D,
  scope: Scope,
  range: TimeRange,
  work: (deps: D) => Promise<T>,
): Promise<T> {
  const held: HeldResults = new Set();
  const files = await filesOfAnyTime(deps, scope, range);
  try {
    return await work({ ...deps, reader: { ...range, files, held, repeats: new Map() } });
  } finally {
    await deps.recent?.results.release(deps.duck, held);
  }
}

/** `relation` itself, or a table with its rows where a reader shares it with others. `files` are those it reads. */
export async function shared(deps: LogDeps, relation: string, files: readonly SegmentFile[]): Promise<string> {
  const { recent, reader, duck } = deps;
  if (recent === undefined || reader === undefined) return relation;
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  return (await recent.results.table(duck, `FROM ${relation}`, rows, reader.held)) ?? relation;
}

function filesOfAnyTime(deps: Pick<LogDeps, "db">, scope: Scope, range: TimeRange): Promise<SegmentFile[]> {
  const overlaps = (least: SQL, greatest: SQL) =>
    sql`(${greatest})::float8 >= ${range.from}::float8 and (${least})::float8 < ${range.to}::float8`;
  const byColumn = sql`exists (select from jsonb_each(f->'ranges') r where ${overlaps(sql`r.value->>0`, sql`r.value->>1`)})`;
  return compactedFiles(deps, scope, range, sql`(${overlaps(sql`f->>'minTime'`, sql`f->>'maxTime'`)} or ${byColumn})`);
}

/** Files that meet `condition`, of segments with any time in the range: an index finds these. */
async function compactedFiles(
  deps: Pick<LogDeps, "db">,
  scope: Scope,
  { from, to }: TimeRange,
  condition: SQL,
): Promise<SegmentFile[]> {
  const rows = await withTenant(deps.db, scope.teamId, (tx) =>
    tx.execute<{ file: SegmentFile }>(sql`
      select f as file from ${journalSegments} s, jsonb_array_elements(s.files) f
      where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId} and s.state = 'compacted'
        and s.last_time >= ${from} and s.first_time < ${to} and ${condition}
      order by s.sequence`),
  );
  return rows.map((row) => row.file);
}
