import { type Database, metricPoints, metricPyramids, metricSeries, type Tx, withTenant } from "@ballast/db";
import { and, asc, desc, eq, gte, max, sql } from "drizzle-orm";
import { BucketBuilder, type Buckets, packBuckets, unpackBuckets, widen } from "./buckets.ts";
import { countPoints, readChunks } from "./point-reader.ts";
import { appended, LEFT_RAW, levelsAbove, lowestWidth, needsLevelAbove, PART_BUCKETS } from "./pyramid.ts";

/** Beyond, a double cannot tell one step from the next, and buckets would be wrong. */
const FURTHEST_STEP = Number.MAX_SAFE_INTEGER;

/** Series that one call looks at. */
const AT_ONCE = 200;

/**
 * Brings the pyramids of series that have grown by 2,048 points, or have a point where their pyramid thought itself complete, up to date,
 * of any team. Each is a transaction of its own, for which no writer waits but at its very end. A series that fails is told to
 * `failed` and does not keep the others back.
 * @returns whether there may be more to do at once
 */
export async function buildPyramids(
  db: Database,
  failed: (series: number, error: unknown) => void = (_, error) => {
    throw error;
  },
): Promise<boolean> {
  const due = await db.sql<{ team_id: string; series: string }[]>`select * from ballast_due_series(${AT_ONCE})`;
  let built = 0;
  for (const { team_id: teamId, series } of due) {
    try {
      await withTenant(db, teamId, (tx) => buildPyramid(tx, teamId, Number(series)));
      built++;
    } catch (error) {
      failed(Number(series), error);
    }
  }
  return due.length === AT_ONCE && built > 0;
}

type Series = typeof metricSeries.$inferSelect;

const ofSeries = (teamId: string, no: number) => and(eq(metricSeries.teamId, teamId), eq(metricSeries.no, no));

/** Builds, rebuilds or extends one series' pyramid, whatever is due. */
export async function buildPyramid(tx: Tx, teamId: string, no: number): Promise<void> {
  const [series] = await tx.select().from(metricSeries).where(ofSeries(teamId, no));
  if (!series) return;
  // A batch that was sent twice makes a series late and adds nothing.
  const repeated = series.late && (await holdsAll(tx, teamId, series));
  const anew = series.builtStep === null || (series.late && !repeated);
  const until = await lastStepToBuild(tx, teamId, series);
  if (anew) await tx.delete(metricPyramids).where(ofLevels(teamId, no));
  const from = anew || series.builtStep === null ? Number.NEGATIVE_INFINITY : series.builtStep + 1;
  const added = until === null || until < from ? 0 : await gather(tx, teamId, no, { from, to: until }, anew);
  const built = added > 0 ? until : anew ? null : series.builtStep;
  await settle(tx, series, { from, built, added, checked: anew || repeated });
}

/** True if the pyramid has every point up to where it was built. */
async function holdsAll(tx: Tx, teamId: string, { no, builtStep }: Series): Promise<boolean> {
  if (builtStep === null) return false;
  const [row] = await tx
    .select({ points: sql<string | null>`sum(${metricPyramids.points})` })
    .from(metricPyramids)
    .where(and(ofLevels(teamId, no), eq(metricPyramids.level, 0)));
  const there = await countPoints(tx, { teamId }, { series: no, from: Number.NEGATIVE_INFINITY, to: builtStep });
  return there === Number(row?.points ?? 0);
}

/** Null where there is nothing to build yet. */
async function lastStepToBuild(tx: Tx, teamId: string, series: Series): Promise<number | null> {
  if (series.firstStep < -FURTHEST_STEP || series.lastStep > FURTHEST_STEP) return null;
  const [row] = await tx
    .select({ step: metricPoints.step })
    .from(metricPoints)
    .where(and(eq(metricPoints.teamId, teamId), eq(metricPoints.series, series.no)))
    .orderBy(desc(metricPoints.step))
    .offset(LEFT_RAW)
    .limit(1);
  return row?.step ?? null;
}

/** Adds the points of a range to the levels; how many there were. */
async function gather(
  tx: Tx,
  teamId: string,
  no: number,
  range: { from: number; to: number },
  anew: boolean,
): Promise<number> {
  let lowest = anew ? null : await lowestOf(tx, teamId, no);
  let added = 0;
  for await (const points of readChunks(tx, { teamId }, { series: no, ...range })) {
    lowest ??= new BucketBuilder(lowestWidth(points));
    points.addTo(lowest);
    added += points.length;
  }
  if (!lowest || added === 0) return 0;
  const gathered = lowest.finish();
  if (anew) {
    const levels = [gathered, ...levelsAbove(gathered)];
    for (const [level, buckets] of levels.entries()) await writeParts(tx, teamId, no, level, 0, buckets);
  } else await extendLevels(tx, teamId, no, gathered);
  return added;
}

async function lowestOf(tx: Tx, teamId: string, no: number): Promise<BucketBuilder | null> {
  const [row] = await tx
    .select({ width: metricPyramids.width })
    .from(metricPyramids)
    .where(and(ofLevels(teamId, no), eq(metricPyramids.level, 0)))
    .limit(1);
  return row ? new BucketBuilder(row.width) : null;
}

const ofLevels = (teamId: string, no: number) => and(eq(metricPyramids.teamId, teamId), eq(metricPyramids.series, no));

/** Puts new buckets behind every level; only each level's last part is read and rewritten. */
async function extendLevels(tx: Tx, teamId: string, no: number, added: Buckets): Promise<void> {
  const tails = await tx
    .selectDistinctOn([metricPyramids.level])
    .from(metricPyramids)
    .where(ofLevels(teamId, no))
    .orderBy(asc(metricPyramids.level), desc(metricPyramids.part));
  let wider = added;
  for (const tail of tails) {
    wider = widen(wider, tail.width);
    const grown = appended(unpackBuckets(tail.data, tail.width, tail.buckets), wider);
    await writeParts(tx, teamId, no, tail.level, tail.part, grown);
  }
  await addLevelsAbove(tx, teamId, no);
}

async function addLevelsAbove(tx: Tx, teamId: string, no: number): Promise<void> {
  const top = tx
    .select({ level: max(metricPyramids.level) })
    .from(metricPyramids)
    .where(ofLevels(teamId, no));
  const parts = await tx
    .select()
    .from(metricPyramids)
    .where(and(ofLevels(teamId, no), gte(metricPyramids.level, sql`(${top})`)))
    .orderBy(asc(metricPyramids.part));
  const [first] = parts;
  if (!first) return;
  const builder = new BucketBuilder(first.width);
  for (const { data, width, buckets } of parts) builder.addBuckets(unpackBuckets(data, width, buckets));
  const whole = builder.finish();
  if (!needsLevelAbove(whole)) return;
  for (const [i, level] of levelsAbove(whole).entries()) {
    await writeParts(tx, teamId, no, first.level + 1 + i, 0, level);
  }
}

/** Writes a level's buckets as its parts from `part` on. */
async function writeParts(
  tx: Tx,
  teamId: string,
  series: number,
  level: number,
  part: number,
  buckets: Buckets,
): Promise<void> {
  const [lastStep, , , , , n, firstStep] = buckets.columns as [...Float64Array[]];
  for (let from = 0, no = part; from < buckets.length; from += PART_BUCKETS, no++) {
    const to = Math.min(from + PART_BUCKETS, buckets.length);
    let points = 0;
    for (let i = from; i < to; i++) points += (n as Float64Array)[i] as number;
    const row = {
      ...{ width: buckets.width, buckets: to - from, points, data: packBuckets(buckets, from, to) },
      ...{
        firstStep: (firstStep as Float64Array)[from] as number,
        lastStep: (lastStep as Float64Array)[to - 1] as number,
      },
    };
    await tx
      .insert(metricPyramids)
      .values({ teamId, series, level, part: no, ...row })
      .onConflictDoUpdate({ target: [metricPyramids.series, metricPyramids.level, metricPyramids.part], set: row });
  }
}

/**
 * Notes what was built. A point may have been written among those read while they were read: its writer did not know of this pyramid. With
 * the series' row locked no writer is under way, so a count tells; if one came, the pyramid is late and will be built anew.
 * `checked`: all up to `built` was read or counted, so that what made the series late before is in.
 */
async function settle(
  tx: Tx,
  series: Series,
  { from, built, added, checked }: { from: number; built: number | null; added: number; checked: boolean },
): Promise<void> {
  const { teamId, no } = series;
  const [now] = await tx
    .select({ received: metricSeries.received, late: metricSeries.late })
    .from(metricSeries)
    .where(ofSeries(teamId, no))
    .for("update");
  if (!now) return;
  const unchanged = now.received === series.received;
  const anew = from === Number.NEGATIVE_INFINITY;
  const complete =
    unchanged || built === null || added === (await countPoints(tx, { teamId }, { series: no, from, to: built }));
  await tx
    .update(metricSeries)
    .set({
      ...{ builtReceived: series.received, builtStep: built },
      late: !complete || (now.late && !(checked && (anew || unchanged))),
    })
    .where(ofSeries(teamId, no));
}
