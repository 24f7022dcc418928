import { type DuckSession, identifier, timeSql } from "@ballast/datasets/server";
import type { FeatureBinding, FeatureViewDefinition, TrailingShareView } from "@ballast/db";
import { findFeature } from "./bindings.ts";

/** Which rows of a push source the features of some request rows need: those with `knownAt` in [from, to), epoch ms. */
export interface SourceRange {
  source: string;
  knownAt: string;
  from: number;
  to: number;
  /** Columns that are read, with a type where comparison needs one. */
  columns: Record<string, string>;
}

/**
 * The source rows that lie in any window of the rows in `table`. Views of one source and time column share a range:
 * the widest serves them all.
 */
export async function sourceRanges(
  session: DuckSession,
  table: string,
  prefix: string,
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
): Promise<SourceRange[]> {
  const ranges: SourceRange[] = [];
  for (const view of sharesOf(views, bindings)) {
    const time = timeSql(identifier(`${prefix}${view.requestTime}`));
    const [span] = await session.all<{ least: number | null; most: number | null }>(
      `SELECT min(${time}) AS least, max(${time}) AS most FROM ${table}`,
    );
    const longest = Math.max(...view.features.map((feature) => feature.windowMs));
    const own = { from: (span?.least ?? 0) - longest, to: (span?.most ?? 0) + 1 };
    const { source, knownAt } = view;
    let range = ranges.find((r) => r.source === source && r.knownAt === knownAt);
    if (range === undefined) {
      range = { source, knownAt, ...own, columns: {} };
      ranges.push(range);
    }
    range.from = Math.min(range.from, own.from);
    range.to = Math.max(range.to, own.to);
    Object.assign(range.columns, sourceColumns(view));
  }
  return ranges;
}

/** Trailing-share views that the bindings read, each once. */
export function sharesOf(
  views: readonly FeatureViewDefinition[],
  bindings: readonly FeatureBinding[],
): TrailingShareView[] {
  const found = new Set<TrailingShareView>();
  for (const binding of bindings) {
    const feature = findFeature(views, binding);
    if (feature.kind === "trailing_share") found.add(feature.view);
  }
  return [...found];
}

/** The columns of its source that a view reads. */
export function sourceColumns(view: TrailingShareView): Record<string, string> {
  const keys = Object.fromEntries(view.features.map((feature) => [feature.key, ""]));
  return { ...keys, [view.of]: "", [view.knownAt]: "BIGINT" };
}
