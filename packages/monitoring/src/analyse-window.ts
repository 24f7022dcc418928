import { createLogger, type Scope } from "@ballast/core";
import type { LabelledRows, WindowRows } from "@ballast/datasets/server";
import type { ColumnProfile } from "@ballast/statistics";
import type { MonitoringDeps } from "./deps.ts";
import { type Comparison, type JudgedFinding, judge, runTests } from "./drift.ts";
import { type ColumnRole, type ColumnValues, observe } from "./observed-column.ts";
import { type ReferenceColumn, referenceSide } from "./reference.ts";
import { type UnitChange, unitIncidentKey } from "./unit-incident.ts";
import { findUnitChanges } from "./unit-watch.ts";
import type { WindowData } from "./window-data.ts";
import type { WindowFacts } from "./window-facts.ts";

const log = createLogger("monitoring");

export interface ObservedProfile {
  column: string;
  role: ColumnRole;
  unit: string | null;
  profile: ColumnProfile;
}

/** What a window, and the outcomes of its matured day, say against the reference. */
export interface WindowAnalysis {
  profiles: ObservedProfile[];
  findings: JudgedFinding[];
  /** Of the matured day's outcomes: filed under that day's window. */
  outcomeProfiles: ObservedProfile[];
  outcomeFindings: JudgedFinding[];
  unitChanges: UnitChange[];
}

/** Profiles every column that has a reference, runs every plugin's tests on it and judges the answers together. */
export async function analyseWindow(
  deps: MonitoringDeps,
  scope: Scope,
  facts: WindowFacts,
  data: WindowData,
): Promise<WindowAnalysis> {
  const inputs = facts.reference.flatMap((column) => {
    const values = column.role === "outcome" ? null : valuesOf(column, data.rows, data.champion.window);
    return values === null || values.length === 0 ? [] : [{ column, values }];
  });
  const { comparisons, findings } = await compareAll(deps, inputs);
  const outcome = facts.reference.filter((column) => column.role === "outcome");
  const labels = maturedOutcomes(data.labelled);
  const matured =
    labels.length === 0
      ? { comparisons: [], findings: [] }
      : await compareAll(
          deps,
          outcome.map((column) => ({ column, values: labels })),
        );
  const { deploymentId, from, to } = facts.window;
  const unitChanges = await findUnitChanges(
    deps,
    scope,
    {
      ...{ deploymentId, from: +from, to: +to, t: data.rows.t, sources: facts.sources },
      openSince: (column) =>
        facts.incidents.get(unitIncidentKey(deploymentId, column))?.find(({ state }) => state === "open")?.since ??
        null,
    },
    comparisons.flatMap(({ comparison, values }) =>
      values instanceof Float64Array
        ? [{ comparison, values, findings: findings.filter(({ column }) => column === comparison.column) }]
        : [],
    ),
  );
  return {
    profiles: comparisons.map(({ comparison }) => profileOf(comparison)),
    findings,
    outcomeProfiles: matured.comparisons.map(({ comparison }) => profileOf(comparison)),
    outcomeFindings: matured.findings,
    unitChanges,
  };
}

const profileOf = ({ column, role, unit, current }: Comparison): ObservedProfile => ({
  column,
  role,
  unit,
  profile: current.profile,
});

async function compareAll(deps: MonitoringDeps, inputs: readonly { column: ReferenceColumn; values: ColumnValues }[]) {
  const tests = deps.plugins.driftTests().map(({ test }) => test);
  const comparisons = await Promise.all(
    inputs.map(async ({ column, values }) => {
      const { profile, kind, role, unit, limits } = column;
      const comparison: Comparison = {
        ...{ column: column.column, role, kind, unit, limits },
        reference: await referenceSide(deps.artifacts, column),
        current: observe(kind, values, profile.kind === "numeric" ? profile.edges : []),
      };
      return { comparison, values };
    }),
  );
  const answers = comparisons.flatMap(({ comparison }) =>
    runTests(tests, comparison, (test, column, error) => log.warn("a drift test failed", { test, column, error })).map(
      (answer) => ({ ...comparison, ...answer }),
    ),
  );
  return { comparisons, findings: judge(answers) };
}

/** A reference column's values in the window; null where the window does not have it. */
function valuesOf(column: ReferenceColumn, rows: WindowRows, champion: string | null): ColumnValues | null {
  switch (column.role) {
    case "request":
      return rows.request[column.column] ?? null;
    case "feature":
      return rows.features[column.column]?.values ?? null;
    case "prediction":
      return rows.y.filter((_, i) => rows.version[i] === champion);
    case "outcome":
      return null;
  }
}

/** Labels of the matured day's answered predictions. */
function maturedOutcomes(labelled: Record<string, LabelledRows>): number[] {
  return Object.values(labelled).flatMap(({ y, served }) => [...y].filter((_, i) => served[i] === 1));
}
