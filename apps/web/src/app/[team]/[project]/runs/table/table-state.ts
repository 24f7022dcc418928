/** The state of the runs table, read from the address; the server prefetches with the same functions. */
import type { SeriesColor } from "@ballast/ui";
import { fieldText, literalText, RUN_COLORS, splitField } from "../tracking.ts";

/** Runs of the first answer: enough for two screens, small enough to come at once. */
export const HEAD_SIZE = 100;
const LONGEST_FILTER = 8_000;

type RunView = "active" | "deleted" | "all";
export interface TableOrder {
  /** A column's id: `attributes.start_time`, `metrics.auc`. */
  by: string;
  descending: boolean;
}
const NEWEST_FIRST: TableOrder = { by: "attributes.start_time", descending: true };

/** What is asked of the server; without `limit` and `cursor`. */
export interface RunSearch {
  /** Left out for all of the project's. */
  experimentIds?: string[];
  filter?: string;
  orderBy: TableOrder[];
  view: RunView;
}

export interface TableState {
  search: RunSearch;
  order: TableOrder;
  /** Column ids in order; undefined while nobody chose. */
  columns: string[] | undefined;
  widths: ReadonlyMap<string, number>;
  /** Columns pinned beside the run's name. */
  fixed: readonly string[];
  pins: readonly string[];
  colors: ReadonlyMap<string, SeriesColor>;
  /** A field id: `params.depth`, `tags.cause`, `attributes.experiment`. */
  group: string | undefined;
}

const pairs = (values: readonly string[]): [string, string][] =>
  values.flatMap((value) => {
    const at = value.lastIndexOf(":");
    return at > 0 ? [[value.slice(0, at), value.slice(at + 1)] as [string, string]] : [];
  });

/** `-metrics.auc` is "largest AUC on top". What names no field falls back to the newest first. */
export function parseOrder(value: string | null): TableOrder {
  const descending = value?.startsWith("-") ?? false;
  const by = descending ? (value ?? "").slice(1) : (value ?? "");
  return splitField(by) ? { by, descending } : NEWEST_FIRST;
}

export function orderText({ by, descending }: TableOrder): string | null {
  const isDefault = by === NEWEST_FIRST.by && descending === NEWEST_FIRST.descending;
  return isDefault ? null : `${descending ? "-" : ""}${by}`;
}

/** Links from other pages narrow by `tag=name=value`; the filter says the same in its own words. */
function tagsFilter(values: readonly string[]): string {
  return values
    .flatMap((value) => {
      const at = value.indexOf("=");
      return at > 0 ? [`${fieldText("tags", value.slice(0, at))} = ${literalText(value.slice(at + 1))}`] : [];
    })
    .join(" AND ");
}

/** The filter as it stands in the address: its own, or the one that tags of a link make. */
export function filterOf(params: URLSearchParams): string {
  return (params.get("filter") ?? tagsFilter(params.getAll("tag"))).slice(0, LONGEST_FILTER);
}

export function tableState(params: URLSearchParams): TableState {
  const order = parseOrder(params.get("sort"));
  const field = splitField(order.by);
  const filter = filterOf(params).trim();
  const columns = params.getAll("cols");
  const experiments = [...new Set(params.getAll("experiment"))].slice(0, 100);
  const group = params.get("group") ?? undefined;
  return {
    search: {
      ...(experiments.length === 0 ? {} : { experimentIds: experiments }),
      ...(filter === "" ? {} : { filter }),
      orderBy: field ? [{ by: fieldText(field.kind, field.key), descending: order.descending }] : [],
      view: params.has("trash") ? "deleted" : "active",
    },
    order,
    columns: columns.length === 0 ? undefined : columns.filter((id) => splitField(id)),
    widths: new Map(
      pairs(params.getAll("w"))
        .map(([id, width]) => [id, Number(width)] as const)
        .filter(([, width]) => width >= 20 && width <= 2_000),
    ),
    fixed: params.getAll("fix"),
    pins: [...new Set(params.getAll("pin"))].slice(0, 50),
    colors: new Map(
      pairs(params.getAll("color")).flatMap(([id, color]) => {
        const known = RUN_COLORS.find((one) => one === color);
        return known ? [[id, known] as const] : [];
      }),
    ),
    group: group && splitField(group) ? group : undefined,
  };
}

/** True while nothing narrows the list. */
export const isUnfiltered = ({ experimentIds, filter, view }: RunSearch): boolean =>
  experimentIds === undefined && filter === undefined && view === "active";

/** The search that finds runs by their ids, in the trash too. */
export function byIds(ids: readonly string[]) {
  const list = ids.map((id) => `'${id.replaceAll("'", "")}'`).join(", ");
  return {
    filter: `attributes.run_id IN (${list})`,
    orderBy: [],
    view: "all" as const,
    limit: Math.max(1, ids.length),
  };
}
