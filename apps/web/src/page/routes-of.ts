import type { RouteShare } from "@ballast/ui";
import { versionName } from "./version-name";

interface Routed {
  routing: { champion: string | null; candidate: { versionId: string; percent: number } | null; shadows: string[] };
  versions: readonly { id: string; version: number }[];
}

/** Who answers how much, for the routing bar. Empty before the first champion. */
export function routesOf({ routing, versions }: Routed): RouteShare[] {
  const { champion, candidate } = routing;
  if (champion === null) return [];
  const share = (candidate?.percent ?? 0) / 100;
  return [
    { label: versionName(versions, champion), role: "champion", share: 1 - share },
    ...(candidate ? [{ label: versionName(versions, candidate.versionId), role: "candidate" as const, share }] : []),
  ];
}

/** Versions that score a copy and answer nobody; undefined when there are none. */
export function shadowsOf({ routing, versions }: Routed): string | undefined {
  const answering = new Set([routing.champion, routing.candidate?.versionId]);
  const silent = routing.shadows.filter((id) => !answering.has(id));
  return silent.length > 0 ? silent.map((id) => versionName(versions, id)).join(", ") : undefined;
}
