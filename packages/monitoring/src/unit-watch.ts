import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import { windowRows } from "@ballast/datasets/server";
import type { UnitDiagnosis } from "@ballast/plugin-sdk";
import type { MonitoringDeps } from "./deps.ts";
import { type Comparison, type JudgedFinding, runTests } from "./drift.ts";
import { observe } from "./observed-column.ts";
import type { UnitChange } from "./unit-incident.ts";
import { locateOnset } from "./unit-onset.ts";

/** A part of a window shorter than this is not searched for a change of its own. */
const LEAST_ROWS = 100;

/**
 * Changes of unit that a window shows. The whole window is asked first (its findings are at hand); a drifted column with a
 * declared unit of which the whole names nothing is asked again for its later parts, because a change in the middle of a day
 * leaves a mixture that fits no unit. The onset is looked for in the window and the day before it.
 */
export async function findUnitChanges(
  deps: MonitoringDeps,
  scope: Scope,
  window: { deploymentId: string; from: EpochMs; to: EpochMs; t: Float64Array },
  columns: readonly { comparison: Comparison; values: Float64Array; findings: readonly JudgedFinding[] }[],
): Promise<UnitChange[]> {
  const changes: UnitChange[] = [];
  for (const { comparison, values, findings } of columns) {
    if (comparison.unit === null || comparison.role !== "request") continue;
    const whole = findings.find(({ result }) => result.diagnosis)?.result.diagnosis;
    const drifted = findings.some((finding) => finding.drifted);
    const diagnosis = whole ?? (drifted ? diagnoseLaterPart(deps, comparison, values) : undefined);
    if (diagnosis) changes.push(await withOnset(deps, scope, window, comparison, values, diagnosis));
  }
  return changes;
}

/** The diagnosis of the longest later part of the rows that has one: the last 7/8, 6/8, … 1/8. */
function diagnoseLaterPart(
  deps: MonitoringDeps,
  comparison: Comparison,
  values: Float64Array,
): UnitDiagnosis | undefined {
  const tests = deps.plugins.driftTests().map(({ test }) => test);
  const edges = comparison.reference.profile.kind === "numeric" ? comparison.reference.profile.edges : [];
  for (let eighth = 1; eighth < 8; eighth++) {
    const part = values.subarray(Math.floor((values.length * eighth) / 8));
    if (part.length < LEAST_ROWS) return undefined;
    const answers = runTests(
      tests,
      { ...comparison, current: observe("numeric", part, edges) },
      () => undefined, // Told already when the whole window was tested.
    );
    const found = answers.find(({ result }) => result.diagnosis)?.result.diagnosis;
    if (found) return found;
  }
  return undefined;
}

async function withOnset(
  deps: MonitoringDeps,
  scope: Scope,
  window: { deploymentId: string; from: EpochMs; to: EpochMs; t: Float64Array },
  comparison: Comparison,
  values: Float64Array,
  diagnosis: UnitDiagnosis,
): Promise<UnitChange> {
  const { column } = comparison;
  const reference = comparison.reference.sample ?? new Float64Array();
  const { factor, offset } = diagnosis;
  const onset = locateOnset({ t: window.t, values, reference, factor, offset });
  const rows = countFinite(values);
  if (onset === null) return { column, diagnosis, since: window.from, rows };
  if (onset.index > 0) return { column, diagnosis, since: onset.from, rows: onset.rows };
  // Changed from its first row on: the change may have come late on the day before, too late to be named then.
  const before = await windowRows(deps, scope, window.deploymentId, window.from - DAY_MS, window.from, {
    requestOnly: true,
  });
  const earlier = before.request[column];
  if (!(earlier instanceof Float64Array || earlier instanceof Float32Array))
    return { column, diagnosis, since: onset.from, rows };
  const both = locateOnset({
    t: join(before.t, window.t),
    values: join(earlier, values),
    reference,
    factor,
    offset,
  });
  return { column, diagnosis, since: both?.from ?? onset.from, rows: both?.rows ?? rows };
}

function join(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

function countFinite(values: Float64Array): number {
  let n = 0;
  for (const value of values) if (Number.isFinite(value)) n++;
  return n;
}
