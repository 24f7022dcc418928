/** The state of the work list, read from the address; the server prefetches with the same function. */

export const PAGE_SIZE = 50;
/** As many as there are series colours that mean nothing else. */
export const MOST_COMPARED = 7;
const STATES = ["running", "finished", "failed", "killed"] as const;
export type RunStateName = (typeof STATES)[number];
const DEFAULT_SORT = { by: "started", descending: true };

const isState = (value: string | null): value is RunStateName => STATES.some((state) => state === value);

/** `-metric:auc` is "largest AUC on top". What the list cannot be sorted by falls back to the newest first. */
export function parseSort(value: string | null): { by: string; descending: boolean } {
  const descending = value?.startsWith("-") ?? false;
  const by = descending ? (value ?? "").slice(1) : (value ?? "");
  return /^(started|ended|event_time|name|metric:.+|param:.+)$/.test(by) ? { by, descending } : DEFAULT_SORT;
}

export function sortText({ by, descending }: { by: string; descending: boolean }): string | null {
  const isDefault = by === DEFAULT_SORT.by && descending === DEFAULT_SORT.descending;
  return isDefault ? null : `${descending ? "-" : ""}${by}`;
}

/** `cause=manual` in two parts at the first "="; what has none is no tag. */
export function parseTags(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.flatMap((value) => {
      const at = value.indexOf("=");
      return at > 0 ? [[value.slice(0, at), value.slice(at + 1)]] : [];
    }),
  );
}

export function runsQuery(params: URLSearchParams) {
  const state = params.get("state");
  const tags = parseTags(params.getAll("tag"));
  const offset = Number(params.get("offset"));
  return {
    search: params.get("q")?.slice(0, 200) || undefined,
    experimentId: params.get("experiment") || undefined,
    states: isState(state) ? [state] : undefined,
    tags: Object.keys(tags).length > 0 ? tags : undefined,
    sort: parseSort(params.get("sort")),
    offset: Number.isSafeInteger(offset) && offset > 0 ? offset : 0,
    limit: PAGE_SIZE,
  };
}

/** True while nothing narrows the list. */
export function isUnfiltered(query: ReturnType<typeof runsQuery>): boolean {
  return !query.search && !query.experimentId && !query.states && !query.tags && query.offset === 0;
}

/** Ids of the runs compared, in the order they were chosen: their colours follow it. */
export function comparedIds(params: URLSearchParams): string[] {
  return [...new Set(params.getAll("run"))].slice(0, MOST_COMPARED);
}
