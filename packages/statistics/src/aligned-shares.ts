import { requireSameEdges } from "./build-profile.ts";
import type { ColumnProfile } from "./profile.ts";

export interface AlignedCounts {
  /** Cell names in order: `(e0, e1]` for numbers, the category itself, and `null` for the null cell, always last. */
  cells: string[];
  reference: number[];
  current: number[];
  /** Rows, nulls included. */
  n: { reference: number; current: number };
}

/**
 * The two windows' counts over the same cells, null cell last. Categories are the sorted union of both.
 * @throws RangeError when the kinds or the edges differ.
 */
export function alignCounts(reference: ColumnProfile, current: ColumnProfile): AlignedCounts {
  const n = { reference: reference.n + reference.nulls, current: current.n + current.nulls };
  if (reference.kind === "numeric" && current.kind === "numeric") {
    requireSameEdges(reference, current);
    return {
      cells: [...numericCells(reference.edges), "null"],
      reference: [...reference.counts, reference.nulls],
      current: [...current.counts, current.nulls],
      n,
    };
  }
  if (reference.kind === "categorical" && current.kind === "categorical") {
    const a = new Map(Object.entries(reference.counts));
    const b = new Map(Object.entries(current.counts));
    const categories = [...new Set([...a.keys(), ...b.keys()])].sort();
    return {
      cells: [...categories, "null"],
      reference: [...categories.map((name) => a.get(name) ?? 0), reference.nulls],
      current: [...categories.map((name) => b.get(name) ?? 0), current.nulls],
      n,
    };
  }
  throw new RangeError(`cannot compare a ${reference.kind} profile with a ${current.kind} one`);
}

function numericCells(edges: readonly number[]): string[] {
  if (edges.length === 0) return ["(-inf, inf)"];
  const inner = edges.slice(1).map((edge, i) => `(${edges[i]}, ${edge}]`);
  return [`(-inf, ${edges[0]}]`, ...inner, `(${edges.at(-1)}, inf)`];
}
