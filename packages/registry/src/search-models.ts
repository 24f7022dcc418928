import { AppError, type Scope } from "@ballast/core";
import { modelVersions, registeredModels, type Tx } from "@ballast/db";
import {
  behindSql,
  MODEL_VERSION_TARGET,
  MODEL_VERSION_VOCABULARY,
  orderSql,
  PROMPT_TAG,
  pageToken,
  parseOrders,
  positionSql,
  REGISTERED_MODEL_TARGET,
  REGISTERED_MODEL_VOCABULARY,
  readPageToken,
  type SortTerm,
  searchCondition,
  searchOrder,
} from "@ballast/db/search";
import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { ModelVersionView } from "./model-versions.ts";
import { aliasesOf, ofModels, ofVersions } from "./records.ts";
import { latestOf, type RegisteredModelView } from "./registered-models.ts";

export interface RegistrySearch {
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
  limit: number;
  pageToken?: string | undefined;
}
const MOST_MODELS = 1_000;
const MOST_VERSIONS = 200_000;

function checkLimit(limit: number, most: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return;
  throw new AppError(
    "invalid_input",
    `Invalid value for max_results: ${limit}. It must be at least 1 and at most ${most}.`,
    { details: { field: "max_results" } },
  );
}

/** MLflow keeps prompts among models; who does not ask for them is not shown them. */
const withoutPrompts = (filter: string | undefined, tags: SQL) =>
  filter?.includes(PROMPT_TAG) ? undefined : sql`coalesce(${tags} ->> ${PROMPT_TAG}, 'false') <> 'true'`;

function paging(search: RegistrySearch, terms: SortTerm[]) {
  const question = (search.orderBy ?? []).join("\n");
  const { pageToken: token } = search;
  return {
    after: token ? behindSql(terms, readPageToken(token, question, terms)) : undefined,
    next: (position: string[] | undefined, more: boolean) => (more && position ? pageToken(question, position) : null),
  };
}

/**
 * Models by filter and order (by name where none is given), a page at a time.
 * @throws AppError `invalid_input` for a filter, order, limit or token that is none; it names the character
 */
export async function searchRegisteredModels(
  tx: Tx,
  scope: Scope,
  search: RegistrySearch,
): Promise<{ models: RegisteredModelView[]; next: string | null }> {
  checkLimit(search.limit, MOST_MODELS);
  const condition = searchCondition(search.filter, REGISTERED_MODEL_VOCABULARY, REGISTERED_MODEL_TARGET);
  const orders = parseOrders(search.orderBy ?? [], REGISTERED_MODEL_VOCABULARY);
  const terms: SortTerm[] = [
    ...searchOrder(orders, REGISTERED_MODEL_TARGET),
    { sql: sql`${registeredModels.name}`, type: "text", descending: false },
  ];
  const { after, next } = paging(search, terms);
  const rows = await tx
    .select({ model: registeredModels, position: positionSql(terms).mapWith((value: string[]) => value) })
    .from(registeredModels)
    .where(
      and(
        ofModels(scope),
        isNull(registeredModels.deletedAt),
        withoutPrompts(search.filter, sql`${registeredModels.tags}`),
        condition,
        after,
      ),
    )
    .orderBy(orderSql(terms))
    .limit(search.limit + 1);
  const shown = rows.slice(0, search.limit);
  const ids = shown.map(({ model }) => model.id);
  const aliases = await aliasesOf(tx, scope, ids);
  const latest = await latestOf(tx, scope, ids);
  return {
    models: shown.map(({ model }) => ({
      model,
      aliases: aliases.filter((alias) => alias.modelId === model.id),
      latest: latest.filter((version) => version.modelId === model.id),
    })),
    next: next(shown.at(-1)?.position, rows.length > search.limit),
  };
}

/**
 * Versions by filter and order (newest first where none is given), a page at a time.
 * @throws AppError `invalid_input` for a filter, order, limit or token that is none; it names the character
 */
export async function searchModelVersions(
  tx: Tx,
  scope: Scope,
  search: RegistrySearch,
): Promise<{ versions: ModelVersionView[]; next: string | null }> {
  checkLimit(search.limit, MOST_VERSIONS);
  const condition = searchCondition(search.filter, MODEL_VERSION_VOCABULARY, MODEL_VERSION_TARGET);
  const orders = parseOrders(search.orderBy ?? [], MODEL_VERSION_VOCABULARY);
  const byTime: SortTerm[] = [{ sql: sql`${modelVersions.updatedAt}`, type: "timestamptz", descending: true }];
  const terms: SortTerm[] = [
    ...(orders.length === 0 ? byTime : searchOrder(orders, MODEL_VERSION_TARGET)),
    { sql: sql`${registeredModels.name}`, type: "text", descending: false },
    { sql: sql`${modelVersions.version}`, type: "int", descending: true },
  ];
  const { after, next } = paging(search, terms);
  const rows = await tx
    .select({
      version: modelVersions,
      model: registeredModels,
      position: positionSql(terms).mapWith((value: string[]) => value),
    })
    .from(modelVersions)
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        ofVersions(scope),
        isNull(modelVersions.deletedAt),
        isNull(registeredModels.deletedAt),
        withoutPrompts(search.filter, sql`${modelVersions.tags}`),
        condition,
        after,
      ),
    )
    .orderBy(orderSql(terms))
    .limit(search.limit + 1);
  const shown = rows.slice(0, search.limit);
  const aliases = await aliasesOf(tx, scope, [...new Set(shown.map(({ model }) => model.id))]);
  const ofVersion = new Map<string, string[]>();
  for (const { versionId, alias } of aliases) ofVersion.set(versionId, [...(ofVersion.get(versionId) ?? []), alias]);
  return {
    versions: shown.map(({ version, model }) => ({ version, model, aliases: ofVersion.get(version.id) ?? [] })),
    next: next(shown.at(-1)?.position, rows.length > search.limit),
  };
}
