import { AppError } from "@ballast/core";
import { type SQL, sql } from "drizzle-orm";
import { filterSql, type SearchTarget } from "./filter-sql.ts";
import { parseFilter } from "./filter-syntax.ts";
import type { Vocabulary } from "./filter-vocabulary.ts";
import { metricSortTerms, type OrderBy, type SortTerm, sortTerms } from "./result-order.ts";

/** A filter as a condition; undefined (no condition) for an empty one. @throws AppError `invalid_input`, see `parseFilter` */
export function searchCondition(
  filter: string | null | undefined,
  vocabulary: Vocabulary,
  target: SearchTarget,
): SQL | undefined {
  const parsed = parseFilter(filter ?? "", vocabulary);
  return parsed === null ? undefined : filterSql(parsed, target);
}

/**
 * Sort terms for the columns asked for. `metric` names the joined column that holds a metric's value.
 * The caller adds its own terms behind them until the order is total: a page token needs that.
 */
export function searchOrder(
  orders: readonly OrderBy[],
  target: SearchTarget,
  metric?: (key: string, index: number) => SQL,
): SortTerm[] {
  return orders.flatMap(({ family, key, descending }, index) => {
    if (family === "metric" && metric) return metricSortTerms(metric(key, index), descending);
    const stored = family === "tag" ? target.tags : family === "param" ? target.params : undefined;
    if (stored) return sortTerms(sql`(${stored} ->> ${key}::text)`, "text", descending, true);
    const attribute = family === "attribute" ? target.attributes[key] : undefined;
    if (!attribute) throw new AppError("internal", `the search target cannot be sorted by ${family} ${key}`);
    const type = ({ text: "text", time: "timestamptz", number: "bigint" } as const)[attribute.type];
    return sortTerms(attribute.sql, type, descending, attribute.nullable ?? false);
  });
}
