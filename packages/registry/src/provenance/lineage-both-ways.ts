import { notFound, type Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { describe } from "./lineage-labels.ts";
import { keyOf, type LineageArrow, type LineageRef, type LineageStop, walk } from "./lineage-nodes.ts";
import { stepsFrom } from "./lineage-steps.ts";
import { usesOf } from "./lineage-uses.ts";

export interface LineageQuery extends LineageRef {
  /** `upstream`: where it comes from; `downstream`: where it goes; `both`. */
  direction: "upstream" | "downstream" | "both";
  /** Layers walked in each direction. */
  depth: number;
  /** Most nodes found in each direction. */
  limit: number;
}
export interface LineageAnswer {
  nodes: (LineageStop & { key: string; current: boolean })[];
  /** Between keys of nodes, from origin to use. */
  edges: LineageArrow[];
  /** More lies beyond `depth` or `limit`. */
  truncated: boolean;
}

/**
 * The lineage of anything: dataset versions and streams → feature views → runs → logged models → versions → deployments → predictions
 * → cost, up, down or both ways. @throws AppError `not_found` for a node that is not the project's
 */
export async function lineageOf(tx: Tx, scope: Scope, query: LineageQuery): Promise<LineageAnswer> {
  const start: LineageRef = { kind: query.kind, id: query.id };
  const [self] = await describe(tx, scope, [start]);
  if (!self) throw notFound(`The ${query.kind.replaceAll("_", " ")}`, query.id);
  const refs = new Map([[keyOf(start), start]]);
  const arrows: { from: LineageRef; to: LineageRef }[] = [];
  let truncated = false;
  for (const direction of ["upstream", "downstream"] as const) {
    if (query.direction !== direction && query.direction !== "both") continue;
    const found = await walk(start, (layer) => stepsFrom(tx, scope, layer, direction), query);
    for (const ref of found.refs) refs.set(keyOf(ref), ref);
    for (const { at, found: other } of found.steps)
      arrows.push(direction === "upstream" ? { from: other, to: at } : { from: at, to: other });
    truncated ||= found.truncated;
  }
  const stops = await describe(tx, scope, [...refs.values()]);
  const uses = query.direction === "upstream" ? { stops: [], arrows: [] } : await usesOf(tx, scope, stops);
  const nodes = [...stops, ...uses.stops].map((stop) => ({
    ...stop,
    key: keyOf(stop),
    current: keyOf(stop) === keyOf(start),
  }));
  const there = new Set(nodes.map(({ key }) => key));
  const edges = [...arrows, ...uses.arrows]
    .map(({ from, to }) => ({ from: keyOf(from), to: keyOf(to) }))
    .filter(({ from, to }) => there.has(from) && there.has(to));
  return { nodes, edges: shortest(edges), truncated };
}

/** Without repeats, and without arrows that a longer way makes plain: data → version, where data → run → version is known. */
function shortest(edges: LineageArrow[]): LineageArrow[] {
  const unique = [...new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()];
  const next = new Map<string, string[]>();
  for (const { from, to } of unique) next.set(from, [...(next.get(from) ?? []), to]);
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set<string>();
    const open = (next.get(from) ?? []).filter((one) => one !== to);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node === to) return true;
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(next.get(node) ?? []));
    }
    return false;
  };
  return unique.filter(({ from, to }) => !reaches(from, to));
}
