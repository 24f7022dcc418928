import type { Scope } from "@ballast/core";
import { metricPoints, type Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import { PackedPoints } from "./buckets.ts";

/** Points of a series from one step to another, both included; ±∞ for all there are. */
export interface PointRange {
  series: number;
  from: number;
  to: number;
}

/** Points per statement where there may be any number: 1.5 MB of them. */
const CHUNK = 65_536;

const PACKED = sql.raw(
  "string_agg(int8send(p.step) || int8send(p.at) || float8send(p.value), ''::bytea order by p.step, p.at, p.value)",
);

/** The int64 nearest to a double: beyond 2^53 JavaScript's own spelling of it is off by hundreds. */
function int64(value: number): string {
  if (value >= 2 ** 63) return "9223372036854775807";
  if (value <= -(2 ** 63)) return "-9223372036854775808";
  return BigInt(Math.round(value)).toString();
}
const int64s = (values: readonly number[]): SQL => sql`${`{${values.map(int64).join(",")}}`}::text::bigint[]`;

/** The points of some ranges, each packed in order, by series: for ranges that are known to hold few. */
export async function readRanges(
  tx: Tx,
  { teamId }: Pick<Scope, "teamId">,
  ranges: readonly PointRange[],
): Promise<Map<number, PackedPoints>> {
  if (ranges.length === 0) return new Map();
  // Each range by itself: as a join it may be planned as a scan of all points there are.
  const rows = await tx.execute<{ series: string; data: Uint8Array | null }>(sql`
    select r.series as series, (select ${PACKED} from ${metricPoints} p
      where p.team_id = ${teamId} and p.series = r.series and p.step between r.lo and r.hi) as data
    from unnest(${int64s(ranges.map((r) => r.series))}, ${int64s(ranges.map((r) => r.from))},
      ${int64s(ranges.map((r) => r.to))}) as r(series, lo, hi)`);
  return new Map(rows.flatMap(({ series, data }) => (data ? [[Number(series), new PackedPoints(data)]] : [])));
}

/** The points of one range, in order, some ten thousand at a time. */
export async function* readChunks(
  tx: Tx,
  { teamId }: Pick<Scope, "teamId">,
  range: PointRange,
): AsyncGenerator<PackedPoints> {
  let behind = sql`true`;
  for (;;) {
    const [row] = await tx.execute<{ data: Uint8Array | null }>(sql`
      select ${PACKED} as data from (select step, at, value from ${metricPoints}
        where team_id = ${teamId} and series = ${int64(range.series)}::bigint
        and step between ${int64(range.from)}::bigint and ${int64(range.to)}::bigint and ${behind}
        order by step, at, value limit ${CHUNK}) p`);
    if (!row?.data) return;
    const points = new PackedPoints(row.data);
    yield points;
    if (points.length < CHUNK) return;
    const last = points.exactly(points.length - 1);
    behind = sql`(step, at, value) > (${String(last.step)}::bigint, ${String(last.at)}::bigint, ${last.value}::float8)`;
  }
}

/** How many points a range holds. */
export async function countPoints(tx: Tx, { teamId }: Pick<Scope, "teamId">, range: PointRange): Promise<number> {
  const [row] = await tx.execute<{ n: string }>(sql`
    select count(*) as n from ${metricPoints} where team_id = ${teamId} and series = ${int64(range.series)}::bigint
      and step between ${int64(range.from)}::bigint and ${int64(range.to)}::bigint`);
  return Number(row?.n ?? 0);
}
