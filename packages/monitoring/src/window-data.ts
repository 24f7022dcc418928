import { DAY_MS, type Scope } from "@ballast/core";
import {
  answers,
  type LabelledRows,
  type LogTally,
  scoredWithLabels,
  tally,
  type WindowRows,
  windowRows,
} from "@ballast/datasets/server";
import { recomputeServedRows } from "@ballast/features/server";
import type { MonitoringDeps } from "./deps.ts";
import type { WindowFacts } from "./window-facts.ts";

/** What the offline log says about a window. */
export interface WindowData {
  /** Request columns in declared units as far as conversions are accepted. */
  rows: WindowRows;
  counts: LogTally;
  /** The matured day's predictions with labels, by version. */
  labelled: Record<string, LabelledRows>;
  /** Version that answered as champion, in the window and on the matured day. */
  champion: { window: string | null; matured: string | null };
  recomputed: { rowsChecked: number; mismatches: number };
}

/** Reads the log for a window: its rows and counts, the matured day's labels, and every served row computed again. */
export async function readWindowData(deps: MonitoringDeps, scope: Scope, facts: WindowFacts): Promise<WindowData> {
  const { window, deployment, source } = facts;
  const [from, to] = [+window.from, +window.to];
  const options = { sloMs: deployment.sloMs, ...(source === null ? {} : { source }) };
  const [rows, counts, labelled, champion, recomputed] = await Promise.all([
    windowRows(deps, scope, deployment.id, from, to),
    tally(deps, scope, deployment.id, from, to, options),
    scoredWithLabels(deps, scope, deployment.id, from - DAY_MS),
    champions(deps, scope, deployment.id, from, to),
    recomputeServedRows(deps, scope, { deploymentId: deployment.id, from, to }),
  ]);
  return {
    ...{ rows, counts, labelled, champion },
    recomputed: { rowsChecked: recomputed.rowsChecked, mismatches: recomputed.mismatches },
  };
}

async function champions(
  deps: MonitoringDeps,
  scope: Scope,
  deploymentId: string,
  from: number,
  to: number,
): Promise<WindowData["champion"]> {
  const relation = await answers(deps, scope, { deploymentId, from: from - DAY_MS, to });
  const rows = await deps.duck.all<{ current: boolean; version: string }>(`
    SELECT t >= ${from} AS current, version, count(*) AS n FROM ${relation}
    WHERE role = 'champion' GROUP BY ALL ORDER BY n DESC, version`);
  const first = (current: boolean) => rows.find((row) => row.current === current)?.version ?? null;
  return { window: first(true), matured: first(false) };
}
