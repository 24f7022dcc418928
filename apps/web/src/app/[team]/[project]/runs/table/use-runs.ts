"use client";

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState, useSyncExternalStore } from "react";
import type { QueryState } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useTRPC, useTRPCClient } from "@/trpc/client";
import type { SearchedRun, SearchPage } from "../tracking";
import { type RunSnapshot, RunStore } from "./run-store";
import { byIds, HEAD_SIZE, type RunSearch } from "./table-state";

/** While something runs, its first page is looked at again this often: logging makes no event. */
const WATCH_MS = 4_000;

/** The runs of a search: the first page as a live query, the rest by cursor as far as somebody scrolls. */
export function useRuns(search: RunSearch): {
  head: QueryState<SearchPage>;
  runs: RunSnapshot;
  store: RunStore;
} {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { scope } = useProject();
  const key = JSON.stringify(search);
  const store = useMemo(() => {
    const asked = JSON.parse(key) as RunSearch;
    return new RunStore((page) => client.experiment.search.query({ ...scope, ...asked, ...page }));
  }, [client, scope, key]);
  const head = useQuery(
    trpc.experiment.search.queryOptions(
      { ...scope, ...search, limit: HEAD_SIZE },
      {
        placeholderData: keepPreviousData,
        // Also while there is nothing yet: somebody may be about to log the first one.
        refetchInterval: ({ state: { data } }) =>
          data?.total === 0 || data?.runs.some((run) => run.state === "running") ? WATCH_MS : false,
      },
    ),
  );
  const { data, isPlaceholderData } = head;
  useEffect(() => {
    if (data && !isPlaceholderData) store.setHead(data);
  }, [store, data, isPlaceholderData]);
  const runs = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  // The first draw, on the server too, has the first page already: the store learns of it only afterwards.
  const first = useMemo(
    () =>
      data && !isPlaceholderData ? { rows: data.runs, total: data.total, complete: data.cursor === null } : undefined,
    [data, isPlaceholderData],
  );
  const fresh = runs.total === undefined ? first && { ...first, error: undefined } : runs;
  // While another search is read, or where it is refused, the last good answer stays.
  const [good, setGood] = useState<{ runs: RunSnapshot; store: RunStore }>();
  if (runs.total !== undefined && good?.runs !== runs) setGood({ runs, store });
  return { head, ...(fresh ? { runs: fresh, store } : (good ?? { runs, store })) };
}

const NONE: readonly SearchedRun[] = [];

/** Some runs by their ids, in that order, wherever they stand in a list. */
export function useRunsById(ids: readonly string[]): { runs: readonly SearchedRun[]; query: QueryState<SearchPage> } {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(
    trpc.experiment.search.queryOptions(
      { ...scope, ...byIds(ids) },
      {
        enabled: ids.length > 0,
        placeholderData: keepPreviousData,
        refetchInterval: ({ state }) => (state.data?.runs.some((run) => run.state === "running") ? WATCH_MS : false),
      },
    ),
  );
  const found = query.data?.runs;
  const runs = useMemo(() => {
    if (!found) return NONE;
    const known = new Map(found.map((run) => [run.id, run]));
    return ids.flatMap((id) => known.get(id) ?? []);
  }, [found, ids]);
  return { runs, query };
}
