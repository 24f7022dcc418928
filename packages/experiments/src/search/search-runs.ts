import { AppError, type Scope } from "@ballast/core";
import { metricSeries, runs, type Tx } from "@ballast/db";
import {
  behindSql,
  type OrderBy,
  pageSql,
  pageToken,
  parseOrders,
  RUN_VOCABULARY,
  readPageToken,
  runTarget,
  type SortTerm,
  searchCondition,
  searchOrder,
} from "@ballast/db/search";
import { type SQL, sql } from "drizzle-orm";
import { textArray } from "../pg-arrays.ts";
import type { RunRecord } from "../runs.ts";
import { runRecords } from "./run-records.ts";

export interface SearchRunsInput {
  /** Runs of these experiments; of all of the project's where left out; of none where empty. */
  experimentIds?: readonly string[] | undefined;
  /** See `parseFilter` of `@ballast/db/search`. */
  filter?: string | null | undefined;
  /** Such as ``metrics.loss DESC``; behind them start_time DESC, then run_id. */
  orderBy?: readonly string[] | undefined;
  view?: "active" | "deleted" | "all" | undefined;
  /** Runs per page, default 1,000, at most 50,000. */
  limit?: number | undefined;
  /** The token of the page before. */
  cursor?: string | null | undefined;
  /** Also count all that match. */
  count?: boolean | undefined;
}

export interface RunSearchPage {
  runs: RunRecord[];
  /** Of the next page; null on the last. */
  cursor: string | null;
  /** Runs on all pages; null unless asked for. */
  total: number | null;
}

const MOST_RUNS = 50_000;

/**
 * Runs that match a filter, in order, one page of them. Pages follow each other by the sort values of a page's last run, so runs that
 * come or go meanwhile shift nothing. Numbers come before NaN, NaN before runs that lack the metric, whichever way it is sorted.
 * @throws AppError `invalid_input` for a filter or order (details say at which character), a limit or a token
 */
export async function searchRuns(tx: Tx, scope: Scope, input: SearchRunsInput = {}): Promise<RunSearchPage> {
  const limit = pageSize(input.limit ?? 1_000, MOST_RUNS);
  const orders = parseOrders(input.orderBy ?? [], RUN_VOCABULARY);
  const { terms, joined } = runOrder(scope, orders);
  const question = JSON.stringify(orders);
  const target = runTarget(scope, (key) => joined.get(key)?.last);
  const where = and([...belonging(scope, input), searchCondition(input.filter, RUN_VOCABULARY, target)]);
  const behind = input.cursor ? behindSql(terms, readPageToken(input.cursor, question, terms)) : undefined;
  await planAnew(tx);
  const source = sql`${runs} ${sql.join(
    [...joined.values()].map(({ join }) => join),
    sql` `,
  )}`;
  const from = sql`${source} where ${and([where, behind])}`;
  const rows = await tx.execute<{ id: string; position: string[] }>(pageSql(sql`${runs.id}`, from, terms, limit + 1));
  const ids = rows.slice(0, limit).map(({ id }) => id);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const [found, total] = await Promise.all([
    runRecords(tx, scope, ids),
    input.count ? countRuns(tx, sql`${source} where ${where}`, last || input.cursor ? null : ids.length) : null,
  ]);
  return { runs: found, cursor: last ? pageToken(question, last.position) : null, total };
}

/**
 * For the rest of the transaction: a plan for the values asked for, as one for any values (what a prepared statement ends up with) knows
 * neither how many runs an experiment has nor how rare a metric's value is; from memory, where what is searched is; and with workers of
 * its own only for what takes seconds.
 */
async function planAnew(tx: Tx): Promise<void> {
  await tx.execute(
    sql`select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('random_page_cost', '1.1', true),
      set_config('parallel_setup_cost', '50000', true)`,
  );
}

/** @throws AppError `invalid_input` */
export function pageSize(limit: number, most: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new AppError("invalid_input", `Invalid value ${limit} for max_results: it must be from 1 to ${most}.`, {
    details: { field: "limit" },
  });
}

export const and = (conditions: readonly (SQL | undefined)[]): SQL =>
  sql.join(
    conditions.filter((one) => one !== undefined),
    sql` and `,
  );

/** `id` is one of `ids`; one of all where these are left out. */
export function oneOf(id: SQL, ids: readonly string[] | undefined): SQL | undefined {
  if (ids === undefined) return undefined;
  // A lone id as an equation: an index on it then also yields the order of what follows it there.
  return ids.length === 1 ? sql`${id} = ${ids[0]}` : sql`${id} = any(${textArray(ids)})`;
}

export function inView(deletedAt: SQL, view: "active" | "deleted" | "all" = "active"): SQL | undefined {
  if (view === "all") return undefined;
  return view === "active" ? sql`${deletedAt} is null` : sql`${deletedAt} is not null`;
}

function belonging(scope: Scope, { experimentIds, view }: SearchRunsInput): (SQL | undefined)[] {
  return [
    sql`${runs.teamId} = ${scope.teamId}`,
    sql`${runs.projectId} = ${scope.projectId}`,
    oneOf(sql`${runs.experimentId}`, experimentIds),
    inView(sql`${runs.deletedAt}`, view),
  ];
}

async function countRuns(tx: Tx, from: SQL, known: number | null): Promise<number> {
  if (known !== null) return known;
  const [row] = await tx.execute<{ n: string }>(sql`select count(*) as n from ${from}`);
  return Number(row?.n ?? 0);
}

/** Sort terms, and by key the metrics among them: where the last value is, and the join that brings it. */
function runOrder(
  scope: Scope,
  orders: readonly OrderBy[],
): { terms: SortTerm[]; joined: Map<string, { last: SQL; join: SQL }> } {
  const joined = new Map<string, { last: SQL; join: SQL }>();
  const terms = searchOrder(orders, runTarget(scope), (key, index) => {
    const series = sql.raw(`"sorted_${index}"`);
    const last = sql`${series}.last`;
    const join = sql`left join ${metricSeries} ${series} on ${series}.team_id = ${scope.teamId}
      and ${series}.project_id = ${scope.projectId} and ${series}.run_id = ${runs.id} and ${series}.key = ${key}`;
    joined.set(key, { last, join });
    return last;
  });
  if (!orders.some(({ family, key }) => family === "attribute" && key === "start_time")) {
    terms.push({ sql: sql`${runs.startedAt}`, type: "timestamptz", descending: true });
  }
  const byId: SortTerm = { sql: sql`${runs.id}`, type: "text", descending: false };
  return { terms: [...terms, byId], joined };
}
