import { isoDay, notFound, type Scope } from "@ballast/core";
import { columnProfiles, findings, monitorWindows, type Tx } from "@ballast/db";
import { alignCounts, type ColumnProfile, meanOf, nullShare } from "@ballast/statistics";
import { and, asc, eq } from "drizzle-orm";
import { findDeployment } from "./deployments.ts";
import { tooFewFor } from "./drift.ts";
import { type ReferenceColumn, readReference } from "./reference.ts";

/** A bar of the distribution: a bin (null at an open end), a category, or the missing values. */
export interface DistributionCell {
  label: string;
  kind: "bin" | "category" | "null";
  low: number | null;
  high: number | null;
  /** Shares of each side's rows, nulls included. */
  reference: number;
  current: number;
}
export interface DistributionSide {
  n: number;
  nulls: number;
  nullShare: number | null;
  mean: number | null;
  min: number | null;
  max: number | null;
}
export interface Distribution {
  column: string;
  role: string;
  unit: string | null;
  kind: "numeric" | "categorical";
  day: string;
  cells: DistributionCell[];
  reference: DistributionSide & Pick<ReferenceColumn["source"], "from" | "to" | "versionId">;
  current: DistributionSide;
  /** Every test's answer for the day, with what it was held against. */
  statistics: {
    test: string;
    statistic: string;
    value: number;
    limit: number | null;
    pValue: number | null;
    qValue: number | null;
    n: { reference: number; current: number };
    drifted: boolean;
    details: Record<string, unknown>;
    /** Rows that a verdict needs, where the day has fewer. */
    tooFewFor: number | null;
  }[];
}

/** Categories shown by themselves; the rest is one bar. */
const MOST_CATEGORIES = 24;

/** One column on one day beside its reference. Throws `not_found` where the day or the column has none. */
export async function distribution(
  tx: Tx,
  scope: Scope,
  input: { deployment: string; column: string; day: string },
): Promise<Distribution> {
  const deployment = await findDeployment(tx, scope, input.deployment);
  const from = new Date(Date.parse(input.day));
  const [window] = await tx
    .select({ id: monitorWindows.id })
    .from(monitorWindows)
    .where(
      and(
        eq(monitorWindows.teamId, scope.teamId),
        eq(monitorWindows.projectId, scope.projectId),
        eq(monitorWindows.deploymentId, deployment.id),
        eq(monitorWindows.from, from),
      ),
    );
  if (!window) throw notFound("Window", `${deployment.name} ${input.day}`);
  const reference = (await readReference(tx, scope, deployment.id)).find(({ column }) => column === input.column);
  const [row] = await tx
    .select()
    .from(columnProfiles)
    .where(
      and(
        eq(columnProfiles.teamId, scope.teamId),
        eq(columnProfiles.projectId, scope.projectId),
        eq(columnProfiles.deploymentId, deployment.id),
        eq(columnProfiles.windowId, window.id),
        eq(columnProfiles.column, input.column),
      ),
    );
  if (!reference || !row) throw notFound("Column profile", `${input.column} on ${input.day}`);
  const current = row.profile as unknown as ColumnProfile;
  return {
    ...{ column: input.column, role: reference.role, unit: reference.unit, kind: reference.kind },
    day: isoDay(+from),
    cells: cellsOf(reference.profile, current),
    reference: { ...sideOf(reference.profile), ...sourceOf(reference) },
    current: sideOf(current),
    statistics: await statisticsOf(tx, scope, { window: window.id, deployment: deployment.id, reference }),
  };
}

const sourceOf = ({ source: { from, to, versionId } }: ReferenceColumn) => ({ from, to, versionId });

function sideOf(profile: ColumnProfile): DistributionSide {
  const { n, nulls } = profile;
  const numbers =
    profile.kind === "numeric"
      ? { mean: meanOf(profile), min: profile.min, max: profile.max }
      : { mean: null, min: null, max: null };
  return { n, nulls, nullShare: nullShare(profile), ...numbers };
}

/** Shares per cell of both sides; edges that changed with a new reference leave nothing to compare. */
function cellsOf(reference: ColumnProfile, current: ColumnProfile): DistributionCell[] {
  let aligned: ReturnType<typeof alignCounts>;
  try {
    aligned = alignCounts(reference, current);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
  const share = (count: number | undefined, n: number) => (n === 0 ? 0 : (count ?? 0) / n);
  const edges = reference.kind === "numeric" ? reference.edges : [];
  const last = aligned.cells.length - 1;
  const cells = aligned.cells.map((label, i): DistributionCell => {
    const bin = reference.kind === "numeric" && i < last;
    return {
      label,
      kind: i === last ? "null" : bin ? "bin" : "category",
      low: bin ? (edges[i - 1] ?? null) : null,
      high: bin ? (edges[i] ?? null) : null,
      reference: share(aligned.reference[i], aligned.n.reference),
      current: share(aligned.current[i], aligned.n.current),
    };
  });
  return reference.kind === "numeric" ? cells : foldRare(cells);
}

/** The most frequent categories of either side; the others in one bar, nulls last. */
function foldRare(cells: DistributionCell[]): DistributionCell[] {
  const nulls = cells.filter((cell) => cell.kind === "null");
  const ranked = cells
    .filter((cell) => cell.kind === "category")
    .sort((a, b) => b.reference + b.current - (a.reference + a.current) || a.label.localeCompare(b.label, "en"));
  const rest = ranked.slice(MOST_CATEGORIES);
  if (rest.length === 0) return [...ranked, ...nulls];
  const other: DistributionCell = {
    ...{ label: `${rest.length} others`, kind: "category", low: null, high: null },
    reference: rest.reduce((sum, cell) => sum + cell.reference, 0),
    current: rest.reduce((sum, cell) => sum + cell.current, 0),
  };
  return [...ranked.slice(0, MOST_CATEGORIES), other, ...nulls];
}

async function statisticsOf(
  tx: Tx,
  scope: Scope,
  of: { window: string; deployment: string; reference: ReferenceColumn },
): Promise<Distribution["statistics"]> {
  const rows = await tx
    .select()
    .from(findings)
    .where(
      and(
        eq(findings.teamId, scope.teamId),
        eq(findings.projectId, scope.projectId),
        eq(findings.deploymentId, of.deployment),
        eq(findings.windowId, of.window),
        eq(findings.column, of.reference.column),
      ),
    )
    .orderBy(asc(findings.test));
  return rows.map(({ test, statistic, value, limit, pValue, qValue, nReference, nCurrent, drifted, details }) => ({
    ...{ test, statistic, value, limit, pValue, qValue, drifted, details },
    n: { reference: nReference, current: nCurrent },
    tooFewFor: tooFewFor(details),
  }));
}
