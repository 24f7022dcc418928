import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import { type ConversionRule, rulesByColumn } from "@ballast/datasets";
import { conversionRules, windowRows } from "@ballast/datasets/server";
import type { UnitDiagnosis } from "@ballast/plugin-sdk";
import type { MonitoringDeps } from "./deps.ts";
import { type Comparison, type JudgedFinding, judge, runTests } from "./drift.ts";
import { observe } from "./observed-column.ts";
import type { UnitChange } from "./unit-incident.ts";
import { locateOnset } from "./unit-onset.ts";

/** A part of a window shorter than this is not searched for a change of its own. */
const LEAST_ROWS = 100;

interface WatchedWindow {
  deploymentId: string;
  from: EpochMs;
  to: EpochMs;
  t: Float64Array;
}
interface WatchedColumn {
  comparison: Comparison;
  /** Request values with the accepted conversions applied. */
  values: Float64Array;
  findings: readonly JudgedFinding[];
}

/** A diagnosis, and what turns the values at hand into the declared unit. */
interface Found {
  diagnosis: UnitDiagnosis;
  factor: number;
  offset: number;
}

/**
 * Changes of unit that a window shows. The whole window is asked first (its findings are at hand); a drifted column with a
 * declared unit of which the whole names nothing is asked again for its later parts, because a change in the middle of a day
 * leaves a mixture that fits no unit. A drifted column under an accepted conversion is also tried without it: a sender that was
 * repaired looks like nothing else. The onset is looked for in the window and the day before it.
 */
export async function findUnitChanges(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  columns: readonly WatchedColumn[],
): Promise<UnitChange[]> {
  const changes: UnitChange[] = [];
  for (const column of columns) {
    const { comparison, findings } = column;
    if (comparison.unit === null || comparison.role !== "request") continue;
    const whole = findings.find(({ result }) => result.diagnosis)?.result.diagnosis;
    const found = whole
      ? { diagnosis: whole, factor: whole.factor, offset: whole.offset }
      : findings.some((finding) => finding.drifted)
        ? ((await distortedByConversion(deps, scope, window, column)) ?? diagnoseLaterPart(deps, column))
        : null;
    if (found) changes.push(await withOnset(deps, scope, window, column, found));
  }
  return changes;
}

/** What a column's answers would be for other values than the window's. */
function answersFor(deps: MonitoringDeps, comparison: Comparison, values: Float64Array): JudgedFinding[] {
  const { profile } = comparison.reference;
  const current = observe("numeric", values, profile.kind === "numeric" ? profile.edges : []);
  const tests = deps.plugins.driftTests().map(({ test }) => test);
  // A test that fails was told of when the whole window was tested.
  const answers = runTests(tests, { ...comparison, current }, () => undefined);
  return judge(answers.map((answer) => ({ ...comparison, ...answer })));
}

/** The longest later part of the rows of which `ask` finds something: the last 8/8 (or 7/8), 6/8, … 1/8. */
function longestLaterPart<T>(
  values: Float64Array,
  first: 0 | 1,
  ask: (part: Float64Array, from: number) => T | null,
): T | null {
  for (let eighth: number = first; eighth < 8; eighth++) {
    const from = Math.floor((values.length * eighth) / 8);
    if (values.length - from < LEAST_ROWS) return null;
    const found = ask(values.subarray(from), from);
    if (found !== null) return found;
  }
  return null;
}

function diagnoseLaterPart(deps: MonitoringDeps, { comparison, values }: WatchedColumn): Found | null {
  return longestLaterPart(values, 1, (part) => {
    const answer = answersFor(deps, comparison, part).find(({ result }) => result.diagnosis);
    const diagnosis = answer?.result.diagnosis;
    return diagnosis ? { diagnosis, factor: diagnosis.factor, offset: diagnosis.offset } : null;
  });
}

/** Found when the rows are like the reference as they were sent, and only the accepted conversion makes them differ. */
async function distortedByConversion(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  { comparison, values }: WatchedColumn,
): Promise<Found | null> {
  const rule = activeRule(await conversionRules(deps, scope), comparison.column, window.to);
  if (rule === null || comparison.unit === null) return null;
  const { factor, offset } = { factor: 1 / rule.factor, offset: -rule.offset / rule.factor };
  const asSent = values.map((value, i) => ((window.t[i] as number) >= rule.from ? value * factor + offset : value));
  const unit = comparison.unit;
  const diagnosis: UnitDiagnosis = {
    ...{ kind: "unit-change", from: unit, to: unit, factor: 1, offset: 0 },
    candidates: [],
  };
  const drifts = (part: Float64Array) => answersFor(deps, comparison, part).some((finding) => finding.drifted);
  // A part in which the conversion shows no drift either is too small to tell the two apart.
  return longestLaterPart(asSent, 0, (part, from) =>
    drifts(part) || !drifts(values.subarray(from)) ? null : { diagnosis, factor, offset },
  );
}

/** The conversion in force at the end of a window, unless it changes nothing. */
function activeRule(rules: readonly ConversionRule[], column: string, to: EpochMs): ConversionRule | null {
  const active = rulesByColumn(rules)
    .get(column)
    ?.find((rule) => rule.from < to);
  return active === undefined || (active.factor === 1 && active.offset === 0) ? null : active;
}

async function withOnset(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  { comparison, values }: WatchedColumn,
  { diagnosis, factor, offset }: Found,
): Promise<UnitChange> {
  const { column } = comparison;
  const reference = comparison.reference.sample ?? new Float64Array();
  const onset = locateOnset({ t: window.t, values, reference, factor, offset });
  const rows = values.reduce((n, value) => n + (Number.isFinite(value) ? 1 : 0), 0);
  if (onset === null) return { column, diagnosis, since: window.from, rows };
  if (onset.index > 0) return { column, diagnosis, since: onset.from, rows: onset.rows };
  // Changed from its first row on: the change may have come late on the day before, too late to be named then.
  const from = window.from - DAY_MS;
  const before = await windowRows(deps, scope, window.deploymentId, from, window.from, { requestOnly: true });
  const earlier = before.request[column];
  if (!(earlier instanceof Float64Array)) return { column, diagnosis, since: onset.from, rows };
  const both = locateOnset({
    ...{ t: joined(before.t, window.t), values: joined(earlier, values) },
    ...{ reference, factor, offset },
  });
  return { column, diagnosis, since: both?.from ?? onset.from, rows: both?.rows ?? rows };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
