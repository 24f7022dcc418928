import type { Scope } from "@ballast/core";
import { metricPyramids, metricSeries, type Tx } from "@ballast/db";
import { and, eq, sql } from "drizzle-orm";
import { textArray } from "../pg-arrays.ts";
import {
  ALL_COLUMNS,
  BAND_COLUMNS,
  BucketBuilder,
  type Buckets,
  COLUMN,
  type PackedPoints,
  powerOfTwo,
  unpackBuckets,
} from "./buckets.ts";
import { type PointRange, readChunks, readRanges } from "./point-reader.ts";
import { chooseLevel, LEFT_RAW, type LevelSize } from "./pyramid.ts";

export interface ChartInput {
  /** At most 100. */
  runIds: readonly string[];
  key: string;
  /** Steps, both included; all where left out. */
  from?: number | undefined;
  to?: number | undefined;
  /** Buckets wanted of each run, at most 2,000: a run of no more points is given point by point. */
  buckets: number;
}

/** What `readBuckets` is asked for beside: how many buckets of a run that is not given exactly, where these are fewer. */
interface CoarseInput extends ChartInput {
  coarse?: number;
}

/** A run's buckets of a metric, in order of steps. */
export interface RunBuckets {
  runId: string;
  /** Every entry is one logged point. */
  exact: boolean;
  buckets: Buckets;
}

/** A number as JSON can have it. */
export type ChartNumber = number | "NaN" | "Infinity" | "-Infinity";

export interface RunChart {
  runId: string;
  /** Every entry is one logged point; otherwise an entry stands for a range of steps. */
  exact: boolean;
  /** The step of each entry's last point, ascending. */
  steps: number[];
  /** Value of the last point. */
  last: ChartNumber[];
  /** The extremes of all of the entry's points, NaN left out; "NaN" where there is nothing else. */
  least: ChartNumber[];
  greatest: ChartNumber[];
  /** Epoch ms of the last point. */
  at: number[];
  /** Points that these entries stand for. */
  n: number;
}

/**
 * A metric of some runs for a chart: every extreme within the range is kept, at any zoom. A run of at most `buckets` points (in the range)
 * is given exactly; of a longer one between a quarter of and all of the buckets asked for, at the edges of the range whole ones. Runs
 * that lack the metric, or that are not the project's, are left out.
 */
export async function metricChart(tx: Tx, scope: Scope, input: ChartInput): Promise<RunChart[]> {
  return (await readBuckets(tx, scope, input, BAND_COLUMNS)).map(({ runId, exact, buckets }) => ({
    ...{ runId, exact, steps: finite(buckets, COLUMN.lastStep), at: finite(buckets, COLUMN.lastAt) },
    ...{ last: sayable(buckets, COLUMN.last), least: sayable(buckets, COLUMN.least) },
    ...{ greatest: sayable(buckets, COLUMN.greatest), n: finite(buckets, COLUMN.n).reduce((sum, n) => sum + n, 0) },
  }));
}

const finite = ({ columns, length }: Buckets, column: number): number[] =>
  Array.from((columns[column] as Float64Array).subarray(0, length));

/** NaN and ±∞ as strings. */
export function chartNumber(value: number): ChartNumber {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function sayable(buckets: Buckets, column: number): ChartNumber[] {
  const values = finite(buckets, column);
  return values.every(Number.isFinite) ? values : values.map(chartNumber);
}

type Series = Pick<
  typeof metricSeries.$inferSelect,
  "no" | "runId" | "received" | "builtReceived" | "builtStep" | "late" | "firstStep" | "lastStep"
>;

/** What is read of a series: a level up to what is built and points behind that, or points alone. */
interface Plan {
  series: Series;
  from: number;
  to: number;
  level: LevelSize | null;
  /** The steps of the points to read, ±∞ where the range goes as far as the series: a double may round its last step. */
  points: { from: number; to: number };
  /** No more points than this are to be read. */
  most: number;
}

/** The buckets of each run that has the metric, in the order asked for. `columns`: {@link BAND_COLUMNS} or {@link ALL_COLUMNS}. */
export async function readBuckets(
  tx: Tx,
  scope: Scope,
  { runIds, key, from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, ...asked }: CoarseInput,
  columns: number,
): Promise<RunBuckets[]> {
  const { buckets: mostExact, coarse: wanted = mostExact } = asked;
  const all = await seriesOf(tx, scope, runIds, key);
  const within = all.filter((series) => series.firstStep <= to && series.lastStep >= from);
  const sizes = await levelSizes(tx, scope, within, from, to);
  const plans = within.map((series) => planOf(series, sizes.get(series.no) ?? [], { from, to, wanted, mostExact }));
  const [parts, points] = [await readParts(tx, scope, plans, columns), await readPoints(tx, scope, plans)];
  const found = new Map<string, RunBuckets>();
  for (const plan of plans) {
    found.set(plan.series.runId, await assemble(tx, scope, plan, { wanted, mostExact, parts, points }));
  }
  return [...new Set(runIds)].flatMap((runId) => found.get(runId) ?? []);
}

async function seriesOf(
  tx: Tx,
  { teamId, projectId }: Scope,
  runIds: readonly string[],
  key: string,
): Promise<Series[]> {
  const s = metricSeries;
  return tx
    .select({
      ...{ no: s.no, runId: s.runId, received: s.received, builtStep: s.builtStep, late: s.late },
      builtReceived: s.builtReceived,
      ...{ firstStep: s.firstStep, lastStep: s.lastStep },
    })
    .from(s)
    .where(
      and(
        eq(s.teamId, teamId),
        eq(s.projectId, projectId),
        sql`${s.runId} = any(${textArray(runIds)})`,
        eq(s.key, key),
      ),
    );
}

/** What each level holds of the range, by series; of parts at its edges in proportion. */
async function levelSizes(
  tx: Tx,
  { teamId }: Scope,
  all: readonly Series[],
  from: number,
  to: number,
): Promise<Map<number, LevelSize[]>> {
  const usable = all.filter(({ builtStep, late }) => builtStep !== null && !late).map(({ no }) => no);
  if (usable.length === 0) return new Map();
  const share = sql`((least(last_step, ${to}::float8) - greatest(first_step, ${from}::float8) + 1) / (last_step - first_step + 1.0::float8))`;
  const rows = await tx.execute<{ series: string; level: number; width: string; buckets: number; points: number }>(sql`
    select series, level, min(width) as width, sum(buckets * ${share}) as buckets, sum(points * ${share}) as points
    from ${metricPyramids} where team_id = ${teamId} and series = any(${`{${usable.join(",")}}`}::text::bigint[])
    and last_step >= ${from}::float8 and first_step <= ${to}::float8 group by series, level`);
  const sizes = rows.map(({ series, level, width, buckets, points }) => ({
    ...{ series: Number(series), level, width: Number(width), buckets: Number(buckets), points: Number(points) },
  }));
  return Map.groupBy(sizes, ({ series }) => series);
}

function planOf(
  series: Series,
  levels: LevelSize[],
  asked: { from: number; to: number; wanted: number; mostExact: number },
): Plan {
  const [from, to] = [Math.max(asked.from, series.firstStep), Math.min(asked.to, series.lastStep)];
  const level = chooseLevel(levels, asked.wanted, asked.mostExact);
  const lowest = levels.find((one) => one.level === 0);
  // Without a pyramid, or where it is late, all that was received may lie in the range.
  const hasPyramid = series.builtStep !== null && !series.late;
  const tail = hasPyramid ? series.received - (series.builtReceived ?? 0) + LEFT_RAW : series.received;
  const points = {
    from: from > series.firstStep ? from : Number.NEGATIVE_INFINITY,
    to: to < series.lastStep ? to : Number.POSITIVE_INFINITY,
  };
  if (level) points.from = Math.max(points.from, (series.builtStep ?? Number.NEGATIVE_INFINITY) + 1);
  return { series, from, to, level, points, most: level ? tail : (lowest?.points ?? 0) + tail };
}

async function readParts(
  tx: Tx,
  { teamId }: Scope,
  plans: readonly Plan[],
  columns: number,
): Promise<Map<number, Buckets[]>> {
  const chosen = plans.flatMap((plan) => (plan.level ? [{ ...plan, level: plan.level.level }] : []));
  if (chosen.length === 0) return new Map();
  const list = (of: (plan: (typeof chosen)[number]) => number) => `{${chosen.map(of).join(",")}}`;
  const data =
    columns === ALL_COLUMNS ? sql`p.data` : sql`substring(p.data from 1 for p.buckets * ${columns * 8}::int)`;
  const rows = await tx.execute<{ series: string; width: string; buckets: number; data: Uint8Array }>(sql`
    select c.series as series, p.width as width, p.buckets as buckets, p.data as data
    from unnest(${list(({ series }) => series.no)}::text::bigint[], ${list(({ level }) => level)}::text::int[],
      ${list(({ from }) => from)}::text::float8[], ${list(({ to }) => to)}::text::float8[]) as c(series, level, lo, hi)
    cross join lateral (select p.part, p.width, p.buckets, ${data} as data from ${metricPyramids} p
      where p.team_id = ${teamId} and p.series = c.series and p.level = c.level and p.last_step >= c.lo and p.first_step <= c.hi
      order by p.part offset 0) p
    order by c.series, p.part`);
  const parts = rows.map((row) => ({
    series: Number(row.series),
    buckets: unpackBuckets(row.data, Number(row.width), row.buckets, columns),
  }));
  return new Map(
    [...Map.groupBy(parts, ({ series }) => series)].map(([series, of]) => [series, of.map(({ buckets }) => buckets)]),
  );
}

/** Series with more points to read than this are read alone, in chunks. */
const MANY_POINTS = 50_000;

async function readPoints(tx: Tx, scope: Scope, plans: readonly Plan[]): Promise<Map<number, PackedPoints>> {
  const ranges: PointRange[] = plans
    .filter(({ most, points }) => most <= MANY_POINTS && points.from <= points.to)
    .map(({ series, points }) => ({ series: series.no, ...points }));
  return readRanges(tx, scope, ranges);
}

async function assemble(
  tx: Tx,
  scope: Scope,
  plan: Plan,
  read: { wanted: number; mostExact: number; parts: Map<number, Buckets[]>; points: Map<number, PackedPoints> },
): Promise<RunBuckets> {
  const { series, from, to, level } = plan;
  const points = read.points.get(series.no);
  const whole = powerOfTwo((to - from + 1) / read.wanted);
  if (!level && points && points.length <= read.mostExact) {
    return { runId: series.runId, exact: true, buckets: points.asBuckets() };
  }
  const builder = new BucketBuilder(level ? Math.max(level.width, whole) : whole);
  for (const part of read.parts.get(series.no) ?? []) {
    for (let i = 0; i < part.length; i++) {
      const last = (part.columns[COLUMN.lastStep] as Float64Array)[i] as number;
      if (last < from) continue;
      if (Math.floor(last / part.width) * part.width > to) break;
      builder.addBucket(part, i);
    }
  }
  if (points) points.addTo(builder);
  else if (plan.most > MANY_POINTS && plan.points.from <= plan.points.to) {
    for await (const chunk of readChunks(tx, scope, { series: series.no, ...plan.points })) chunk.addTo(builder);
  }
  return { runId: series.runId, exact: false, buckets: builder.finish() };
}
