"use client";

import { useQueries, useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/trpc/client";
import type { QueryState } from "./query-view.tsx";
import { useProject } from "./use-project.ts";
import type { NamedVersion } from "./version-uses.ts";

/** Models and versions of each that are read at most; a project has a handful of either. */
const MOST = 200;

/** The newest versions of the project's models, as one answer. */
export function useAllVersions(): QueryState<NamedVersion[]> {
  const trpc = useTRPC();
  const { scope } = useProject();
  const list = useQuery(trpc.model.list.queryOptions({ ...scope, limit: MOST }));
  const names = list.data?.models.map((model) => model.name) ?? [];
  const details = useQueries({
    queries: names.map((model) => trpc.model.get.queryOptions({ ...scope, model, limit: MOST })),
  });
  const failed = details.find((detail) => detail.error);
  const complete = list.data !== undefined && details.every((detail) => detail.data !== undefined);
  return {
    data: complete
      ? details.flatMap(({ data }) => data?.versions.map((row) => ({ model: data.model.name, row })) ?? [])
      : undefined,
    error: list.error ?? failed?.error ?? null,
    isPending: !complete,
    isFetching: list.isFetching || details.some((detail) => detail.isFetching),
    dataUpdatedAt: Math.min(list.dataUpdatedAt, ...details.map((detail) => detail.dataUpdatedAt)),
    refetch: () => Promise.all([list.refetch(), ...details.map((detail) => detail.refetch())]),
  };
}
