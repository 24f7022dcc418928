import { DAY_MS, dayStart, isoDay, type Scope } from "@ballast/core";
import { costRecords, type Tx } from "@ballast/db";
import { and, eq, gte, lt, max, type SQL, sql } from "drizzle-orm";
import { SHADOW_METER } from "./rate-card.ts";

/** What an event day cost one model version, in micros by what it was for. */
interface PurposeDay {
  /** `2001-06-20`. */
  day: string;
  /** Null where no version came of the work, as of a training that failed. */
  modelVersionId: string | null;
  serving: number;
  shadow: number;
  training: number;
}

export interface CostRange {
  /** The first day of the range; null before the first charge. */
  from: string | null;
  /** Charged on all days before it. */
  beforeMicros: number;
  /** Oldest first; days without a charge are left out. */
  costs: PurposeDay[];
}

/** Cost of the newest `days` event days, up to the last one with a charge, summed in the database: there is a charge per version and window. */
export async function costPerDay(tx: Tx, scope: Scope, { days }: { days: number }): Promise<CostRange> {
  const { meter, modelVersionId, amountMicros, from: at } = costRecords;
  const mine = and(eq(costRecords.teamId, scope.teamId), eq(costRecords.projectId, scope.projectId));
  const [last] = await tx
    .select({ at: max(at) })
    .from(costRecords)
    .where(mine);
  if (!last?.at) return { from: null, beforeMicros: 0, costs: [] };
  const from = new Date(dayStart(+last.at) - (days - 1) * DAY_MS);
  const sum = (which: SQL) => sql<string>`coalesce(sum(${amountMicros}) filter (where ${which}), 0)`;
  const training = sql`${meter} like 'training.%'`;
  const shadow = sql`${meter} = ${SHADOW_METER}`;
  const [before] = await tx
    .select({ micros: sum(sql`true`) })
    .from(costRecords)
    .where(and(mine, lt(at, from)));
  const day = sql<string>`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD')`;
  const rows = await tx
    .select({
      ...{ day, modelVersionId, training: sum(training), shadow: sum(shadow) },
      serving: sum(sql`not (${training} or ${shadow})`),
    })
    .from(costRecords)
    .where(and(mine, gte(at, from)))
    .groupBy(day, modelVersionId)
    .orderBy(day, modelVersionId);
  return {
    from: isoDay(+from),
    beforeMicros: Number(before?.micros ?? 0),
    costs: rows.map((row) => ({
      ...{ day: row.day, modelVersionId: row.modelVersionId, serving: Number(row.serving) },
      ...{ shadow: Number(row.shadow), training: Number(row.training) },
    })),
  };
}
