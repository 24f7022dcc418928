import type { Scope } from "@ballast/core";
import { experiments, type Tx } from "@ballast/db";
import {
  behindSql,
  EXPERIMENT_TARGET,
  EXPERIMENT_VOCABULARY,
  orderSql,
  pageToken,
  parseOrders,
  positionSql,
  readPageToken,
  type SortTerm,
  searchCondition,
  searchOrder,
} from "@ballast/db/search";
import { sql } from "drizzle-orm";
import type { Experiment } from "../experiments.ts";
import { and, inView, pageSize } from "./search-runs.ts";

export interface SearchExperimentsInput {
  filter?: string | null | undefined;
  /** Such as `name ASC`; left out: newest first. Behind them experiment_id DESC. */
  orderBy?: readonly string[] | undefined;
  view?: "active" | "deleted" | "all" | undefined;
  /** Default 1,000, at most 50,000. */
  limit?: number | undefined;
  cursor?: string | null | undefined;
}

const MOST_EXPERIMENTS = 50_000;

/** The project's experiments that match a filter, in order, one page of them. @throws AppError `invalid_input`, as `searchRuns` */
export async function searchExperiments(
  tx: Tx,
  scope: Scope,
  input: SearchExperimentsInput = {},
): Promise<{ experiments: Experiment[]; cursor: string | null }> {
  const limit = pageSize(input.limit ?? 1_000, MOST_EXPERIMENTS);
  const orders = parseOrders(input.orderBy ?? [], EXPERIMENT_VOCABULARY);
  const question = JSON.stringify(orders);
  const terms = searchOrder(orders, EXPERIMENT_TARGET);
  if (orders.length === 0) terms.push({ sql: sql`${experiments.createdAt}`, type: "timestamptz", descending: true });
  const tie: SortTerm = { sql: sql`${experiments.id}`, type: "text", descending: true };
  if (!orders.some(({ key }) => key === "experiment_id")) terms.push(tie);
  const where = and([
    sql`${experiments.teamId} = ${scope.teamId}`,
    sql`${experiments.projectId} = ${scope.projectId}`,
    inView(sql`${experiments.deletedAt}`, input.view),
    searchCondition(input.filter, EXPERIMENT_VOCABULARY, EXPERIMENT_TARGET),
    input.cursor ? behindSql(terms, readPageToken(input.cursor, question, terms)) : undefined,
  ]);
  const found = await tx
    .select({ experiment: experiments, position: sql<string[]>`${positionSql(terms)}` })
    .from(experiments)
    .where(where)
    .orderBy(orderSql(terms))
    .limit(limit + 1);
  const last = found.length > limit ? found[limit - 1] : undefined;
  return {
    experiments: found.slice(0, limit).map(({ experiment }) => experiment),
    cursor: last ? pageToken(question, last.position) : null,
  };
}
