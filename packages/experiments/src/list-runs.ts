import { AppError, type Scope } from "@ballast/core";
import { experiments, likeAnywhere, metricSeries, runs, type Tx } from "@ballast/db";
import { and, asc, desc, eq, ilike, inArray, isNull, or, type SQL, sql } from "drizzle-orm";
import { type RunQuery, runQuerySchema } from "./index.ts";
import type { Run } from "./runs.ts";
import { lastMetrics, seriesOfRuns } from "./series.ts";

export interface RunPage {
  runs: (Run & { experiment: string; metrics: Record<string, number> })[];
  /** Runs that match, on all pages. */
  total: number;
  /** Offset of the next page; null on the last. */
  nextOffset: number | null;
}

/** Runs that match the query, one page of them. Runs without the metric or parameter sorted by come last, either way. */
export async function listRuns(tx: Tx, scope: Scope, input: RunQuery = {}): Promise<RunPage> {
  const parsed = runQuerySchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const field = issue?.path.join(".") ?? "";
    throw new AppError("invalid_input", `${field}: ${issue?.message}`, { details: { field } });
  }
  const query = parsed.data;
  const where = and(
    eq(runs.teamId, scope.teamId),
    eq(runs.projectId, scope.projectId),
    isNull(runs.deletedAt),
    ...filters(query),
  );
  const [count] = await tx.select({ n: sql<string>`count(*)` }).from(runs).where(where);
  const total = Number(count?.n ?? 0);
  const rows = await tx
    .select({ run: runs, experiment: experiments.name })
    .from(runs)
    .innerJoin(experiments, and(eq(experiments.teamId, runs.teamId), eq(experiments.id, runs.experimentId)))
    .where(where)
    .orderBy(...order(query.sort))
    .offset(query.offset)
    .limit(query.limit);
  const series = await seriesOfRuns(
    tx,
    scope,
    rows.map(({ run }) => run.id),
  );
  const next = query.offset + rows.length;
  return {
    runs: rows.map(({ run, experiment }) => ({ ...run, experiment, metrics: lastMetrics(series.get(run.id) ?? []) })),
    total,
    nextOffset: next < total && rows.length > 0 ? next : null,
  };
}

function filters(query: ReturnType<typeof runQuerySchema.parse>): (SQL | undefined)[] {
  const found: (SQL | undefined)[] = [];
  if (query.experimentId) found.push(eq(runs.experimentId, query.experimentId));
  if (query.states && query.states.length > 0) found.push(inArray(runs.state, query.states));
  if (query.tags) found.push(sql`${runs.tags} @> ${JSON.stringify(query.tags)}::jsonb`);
  if (query.search) {
    const pattern = likeAnywhere(query.search);
    const inTags = sql`exists (select 1 from jsonb_each_text(${runs.tags}) t where t.value ilike ${pattern})`;
    found.push(or(ilike(runs.name, pattern), ilike(runs.id, pattern), inTags));
  }
  return found;
}

function order(sort: { by: string; descending: boolean }): SQL[] {
  const direction = sort.descending ? sql`desc nulls last` : sql`asc nulls last`;
  const tie = sort.descending ? desc(runs.id) : asc(runs.id);
  return [sql`${sortValue(sort.by)} ${direction}`, tie];
}

function sortValue(by: string): SQL {
  const colon = by.indexOf(":");
  const [kind, name] = colon < 0 ? [by, ""] : [by.slice(0, colon), by.slice(colon + 1)];
  switch (kind) {
    case "metric":
      return sql`(select nullif(m.last, 'NaN') from ${metricSeries} m where m.team_id = ${runs.teamId}
        and m.project_id = ${runs.projectId} and m.run_id = ${runs.id} and m.key = ${name}::text)`;
    case "param":
      // As jsonb: numbers sort as numbers, strings as strings.
      return sql`${runs.params} -> ${name}::text`;
    case "ended":
      return sql`${runs.endedAt}`;
    case "event_time":
      return sql`${runs.eventTime}`;
    case "name":
      return sql`${runs.name}`;
    default:
      return sql`${runs.startedAt}`;
  }
}
