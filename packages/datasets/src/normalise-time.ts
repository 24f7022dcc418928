import type { TimeNormalisation } from "@ballast/db";
import type { DuckSession } from "./duck/duck.ts";
import { identifier, literal } from "./duck/sql-text.ts";
import { describeRelation, type RelationColumn } from "./measure-table.ts";
import { UnreadableFile } from "./read-source.ts";

/** Most rows that may be dropped because their time can't be told. */
const MOST_DROPPED_SHARE = 0.01;

export interface NormalisedTable {
  /** The relation to store. */
  relation: string;
  /** Columns that were moments and are now epoch ms. */
  moments: string[];
  /** `<name>_utc` where time was normalised. */
  utc: string | null;
  notes: string[];
}

/**
 * Brings a table into the form that every reader expects: moments are BIGINT epoch ms. With a {@link TimeNormalisation}
 * the local column keeps its name and type and gains `<name>_local` (the wall clock read as if it were UTC) and
 * `<name>_utc` (the true moment, by the IANA zone of the row, with the daylight saving rules of its year). A wall-clock
 * time that happened twice (the hour repeated in autumn) is taken as the later one, standard time; one that never was
 * (skipped in spring) is moved on by the hour. Rows whose time can't be told are dropped and counted.
 * Throws {@link UnreadableFile} where the normalisation does not fit the file.
 */
export async function normaliseTime(
  session: DuckSession,
  relation: string,
  time: TimeNormalisation | null,
): Promise<NormalisedTable> {
  const columns = await describeRelation(session, relation);
  const notes: string[] = [];
  const moments = columns.filter((c) => c.type === "timestamp" && c.name !== time?.column).map((c) => c.name);
  const selected = columns.map((c) => storedColumn(c, moments));
  if (moments.length > 0) notes.push(`${moments.join(", ")}: moments stored as UTC epoch milliseconds.`);
  if (time === null) return { relation: `(SELECT ${selected.join(", ")} FROM ${relation})`, moments, utc: null, notes };
  checkColumns(columns, time);
  await createZones(session, time);
  const local = identifier(time.column);
  const by = identifier(time.zoneBy);
  const joined = `${relation} AS r LEFT JOIN zones z ON z.value = r.${by}::VARCHAR`;
  const wall = `try_cast(r.${local} AS TIMESTAMP)`;
  const [lost] = await session.all<{ rows: number; dropped: number; places: string[] }>(`
    SELECT count(*) AS rows, count(*) FILTER (z.zone IS NULL OR ${wall} IS NULL) AS dropped,
      coalesce((list(DISTINCT r.${by}::VARCHAR) FILTER (z.zone IS NULL AND r.${by} IS NOT NULL))[:10], []) AS places FROM ${joined}`);
  notes.push(
    `${time.column} is local time by ${time.zoneBy} (${Object.keys(time.zones).length} places): ` +
      `${time.column}_local and ${time.column}_utc added, epoch milliseconds.`,
  );
  const { rows = 0, dropped = 0, places = [] } = lost ?? {};
  if (dropped > 0) {
    const why = places.length > 0 ? ` (no zone for ${places.join(", ")})` : "";
    notes.push(`${dropped} of ${rows} rows dropped: their time can't be told${why}.`);
  }
  if (dropped > MOST_DROPPED_SHARE * rows)
    throw new UnreadableFile(
      `The time of ${dropped} of ${rows} rows can't be told` +
        `${places.length > 0 ? `: no zone is given for ${places.join(", ")}` : ""}.`,
    );
  const added = [
    `epoch_ms(${wall}) AS ${identifier(`${time.column}_local`)}`,
    `epoch_ms(timezone(z.zone, ${wall})) AS ${identifier(`${time.column}_utc`)}`,
  ];
  return {
    relation: `(SELECT ${[...selected, ...added].join(", ")} FROM ${joined} WHERE z.zone IS NOT NULL AND ${wall} IS NOT NULL)`,
    moments: [...moments, `${time.column}_local`, `${time.column}_utc`],
    utc: `${time.column}_utc`,
    notes,
  };
}

function storedColumn(column: RelationColumn, moments: readonly string[]): string {
  const name = identifier(column.name);
  if (moments.includes(column.name)) return `epoch_ms(${name}::TIMESTAMP) AS ${name}`;
  if (/^(DECIMAL|U?HUGEINT|UBIGINT)/.test(column.databaseType)) return `${name}::DOUBLE AS ${name}`;
  return name;
}

function checkColumns(columns: readonly RelationColumn[], time: TimeNormalisation): void {
  const names = columns.map((c) => c.name);
  for (const name of [time.column, time.zoneBy])
    if (!names.includes(name))
      throw new UnreadableFile(`Time normalisation names the column "${name}"; the file has ${names.join(", ")}.`);
  for (const name of [`${time.column}_local`, `${time.column}_utc`])
    if (names.includes(name))
      throw new UnreadableFile(`The file already has a column "${name}", which time normalisation would add.`);
  const type = columns.find((c) => c.name === time.column)?.type;
  if (type !== "timestamp" && type !== "string")
    throw new UnreadableFile(
      `Column "${time.column}" is ${type}; local time must be a timestamp or text like 2001-01-31 17:05.`,
    );
}

async function createZones(session: DuckSession, time: TimeNormalisation): Promise<void> {
  await session.run("CREATE OR REPLACE TEMP TABLE zones (value VARCHAR, zone VARCHAR)");
  const entries = Object.entries(time.zones);
  if (entries.length === 0) return;
  const rows = entries.map(([value, zone]) => `(${literal(value)}, ${literal(zone)})`).join(", ");
  await session.run(`INSERT INTO zones VALUES ${rows}`);
  const unknown = await session.all<{ zone: string }>(
    "SELECT DISTINCT zone FROM zones WHERE zone NOT IN (SELECT name FROM pg_timezone_names()) LIMIT 5",
  );
  if (unknown.length > 0) throw new UnreadableFile(`Not an IANA time zone: ${unknown.map((u) => u.zone).join(", ")}.`);
}
