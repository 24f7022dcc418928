import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import {
  answers,
  type LabelledRows,
  type LogTally,
  readingLog,
  scoredWithLabels,
  type TallyOptions,
  tally,
  type WindowRows,
  type WindowRowsOptions,
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

/** Files are listed this far back; a feature that looks back further asks for its own. */
const LISTED_BEFORE_MS = 8 * DAY_MS;

/** Reads the log for a window: its rows and counts, the matured day's labels, and every served row computed again. */
export async function readWindowData(deps: MonitoringDeps, scope: Scope, facts: WindowFacts): Promise<WindowData> {
  const { window, deployment, sources } = facts;
  const [from, to] = [+window.from, +window.to];
  const options = { sloMs: deployment.sloMs, ...(sources[0] === undefined ? {} : { source: sources[0] }) };
  const around = { from: from - LISTED_BEFORE_MS, to: to + DAY_MS };
  return readingLog(deps, scope, around, async (log) => {
    // Two chains: more would only contend for the processor.
    const recomputation = recomputeServedRows(log, scope, { deploymentId: deployment.id, from, to });
    const numbers = facts.reference.flatMap(({ column, role, kind }) =>
      role === "request" && kind === "numeric" ? [column] : [],
    );
    const others = readOthers(log, scope, deployment.id, [from, to], { ...options, numbers });
    const [{ rowsChecked, mismatches }, rest] = await Promise.all([recomputation, others]);
    return { ...rest, recomputed: { rowsChecked, mismatches } };
  });
}

async function readOthers(
  log: MonitoringDeps,
  scope: Scope,
  deploymentId: string,
  [from, to]: [EpochMs, EpochMs],
  options: TallyOptions & Pick<WindowRowsOptions, "numbers">,
): Promise<Omit<WindowData, "recomputed">> {
  return {
    rows: await windowRows(log, scope, deploymentId, from, to, options),
    counts: await tally(log, scope, deploymentId, from, to, options),
    labelled: await scoredWithLabels(log, scope, deploymentId, from - DAY_MS),
    champion: await champions(log, scope, deploymentId, from, to),
  };
}

async function champions(
  deps: MonitoringDeps,
  scope: Scope,
  deploymentId: string,
  from: number,
  to: number,
): Promise<WindowData["champion"]> {
  const window = await answers(deps, scope, { deploymentId, from, to });
  const matured = await answers(deps, scope, { deploymentId, from: from - DAY_MS, to: from });
  const most = (relation: string) =>
    `(SELECT version FROM ${relation} WHERE role = 'champion' GROUP BY version ORDER BY count(*) DESC, version LIMIT 1)`;
  const [champion] = await deps.duck.all<WindowData["champion"]>(
    `SELECT ${most(window)} AS "window", ${most(matured)} AS matured`,
  );
  return champion ?? { window: null, matured: null };
}
