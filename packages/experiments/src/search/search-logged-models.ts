import { AppError, type Scope } from "@ballast/core";
import { loggedModelMetrics, loggedModels, type Tx } from "@ballast/db";
import {
  behindSql,
  LOGGED_MODEL_VOCABULARY,
  loggedModelTarget,
  type ModelDataset,
  onDatasets,
  pageSql,
  pageToken,
  parseOrder,
  readPageToken,
  type SortTerm,
  searchCondition,
  searchOrder,
} from "@ballast/db/search";
import { asc, eq, type SQL, sql, and as sqlAnd } from "drizzle-orm";
import { textArray } from "../pg-arrays.ts";
import { and, oneOf, pageSize } from "./search-runs.ts";

export interface ModelOrder {
  /** An attribute, or `metrics.<key>`. */
  field: string;
  descending?: boolean | undefined;
  /** The metric as measured on this dataset; a digest needs a name. */
  datasetName?: string | undefined;
  datasetDigest?: string | undefined;
}

export interface SearchLoggedModelsInput {
  /** Left out: all of the project's. */
  experimentIds?: readonly string[] | undefined;
  filter?: string | null | undefined;
  /** Metrics count where they were measured on one of these; without a metric in the filter: models with any metric on one of them. */
  datasets?: readonly ModelDataset[] | undefined;
  /** Behind them newest first, then by id. */
  orderBy?: readonly ModelOrder[] | undefined;
  /** Default 100, at most 1,000. */
  limit?: number | undefined;
  cursor?: string | null | undefined;
}

type ModelMetric = Omit<typeof loggedModelMetrics.$inferSelect, "teamId" | "projectId">;
export type FoundLoggedModel = typeof loggedModels.$inferSelect & { metrics: ModelMetric[] };

/** Logged models outside the trash that match a filter, in order, one page of them. @throws AppError `invalid_input`, as `searchRuns` */
export async function searchLoggedModels(
  tx: Tx,
  scope: Scope,
  input: SearchLoggedModelsInput = {},
): Promise<{ models: FoundLoggedModel[]; cursor: string | null }> {
  const limit = pageSize(input.limit ?? 100, 1_000);
  const datasets = input.datasets ?? [];
  const { terms, joins } = modelOrder(scope, input.orderBy ?? []);
  const question = JSON.stringify(input.orderBy ?? []);
  const where = and([
    sql`${loggedModels.teamId} = ${scope.teamId}`,
    sql`${loggedModels.projectId} = ${scope.projectId}`,
    oneOf(sql`${loggedModels.experimentId}`, input.experimentIds),
    sql`${loggedModels.deletedAt} is null`,
    searchCondition(input.filter, LOGGED_MODEL_VOCABULARY, loggedModelTarget(scope, datasets)),
    datasets.length > 0 ? measuredOn(scope, datasets) : undefined,
    input.cursor ? behindSql(terms, readPageToken(input.cursor, question, terms)) : undefined,
  ]);
  const from = sql`${loggedModels} ${joins} where ${where}`;
  const page = pageSql(sql`${loggedModels.id}`, from, terms, limit + 1);
  const rows = await tx.execute<{ id: string; position: string[] }>(page);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const models = await modelsById(
    tx,
    scope,
    rows.slice(0, limit).map(({ id }) => id),
  );
  return { models, cursor: last ? pageToken(question, last.position) : null };
}

function measuredOn(scope: Scope, datasets: readonly ModelDataset[]): SQL {
  const m = loggedModelMetrics;
  return sql`exists (select 1 from ${m} where ${m.teamId} = ${scope.teamId} and ${m.projectId} = ${scope.projectId}
    and ${m.modelId} = ${loggedModels.id} and ${onDatasets(datasets)})`;
}

function modelOrder(scope: Scope, orderBy: readonly ModelOrder[]): { terms: SortTerm[]; joins: SQL } {
  const joins: SQL[] = [];
  const orders = orderBy.map((order) => ({
    // Quoted, as a metric's key comes without quotes here and may hold anything.
    ...parseOrder(order.field.replace(/^metrics\.(?!`)(.+)$/s, "metrics.`$1`"), LOGGED_MODEL_VOCABULARY),
    descending: order.descending ?? false,
  }));
  const terms = searchOrder(orders, loggedModelTarget(scope), (key, index) => {
    const newest = sql.raw(`"sorted_${index}"`);
    joins.push(sql`left join lateral (${newestMetric(scope, key, orderBy[index])}) ${newest} on true`);
    return sql`${newest}.value`;
  });
  if (!orders.some(({ family, key }) => family === "attribute" && key === "creation_time")) {
    terms.push({ sql: sql`${loggedModels.createdAt}`, type: "timestamptz", descending: true });
  }
  terms.push({ sql: sql`${loggedModels.id}`, type: "text", descending: false });
  return { terms, joins: sql.join(joins, sql` `) };
}

function newestMetric(scope: Scope, key: string, order: ModelOrder | undefined): SQL {
  const m = loggedModelMetrics;
  const { datasetName: name, datasetDigest: digest } = order ?? {};
  if (digest !== undefined && name === undefined) {
    throw new AppError("invalid_input", "order_by: dataset_digest needs dataset_name beside it.", {
      details: { field: "order_by" },
    });
  }
  const dataset = name === undefined ? [] : [digest === undefined ? { name } : { name, digest }];
  return sql`select ${m.value} as value from ${m} where ${m.teamId} = ${scope.teamId} and ${m.projectId} = ${scope.projectId}
    and ${m.modelId} = ${loggedModels.id} and ${m.key} = ${key} and ${onDatasets(dataset)}
    order by ${m.at} desc, ${m.step} desc, ${m.runId} limit 1`;
}

async function modelsById(tx: Tx, scope: Scope, ids: readonly string[]): Promise<FoundLoggedModel[]> {
  if (ids.length === 0) return [];
  const m = loggedModelMetrics;
  const [models, metrics] = await Promise.all([
    tx
      .select()
      .from(loggedModels)
      .where(sqlAnd(eq(loggedModels.teamId, scope.teamId), sql`${loggedModels.id} = any(${textArray(ids)})`)),
    tx
      .select()
      .from(m)
      .where(
        sqlAnd(
          eq(m.teamId, scope.teamId),
          eq(m.projectId, scope.projectId),
          sql`${m.modelId} = any(${textArray(ids)})`,
        ),
      )
      .orderBy(asc(m.key), asc(m.at)),
  ]);
  const ofModel = Map.groupBy(metrics, ({ modelId }) => modelId);
  const byId = new Map(models.map((model) => [model.id, model]));
  return ids.flatMap((id) => {
    const model = byId.get(id);
    return model ? { ...model, metrics: ofModel.get(id) ?? [] } : [];
  });
}
