import { DAY_MS, type EpochMs, type Scope } from "@ballast/core";
import { conversionRules, windowRows } from "@ballast/datasets/server";
import type { UnitDiagnosis } from "@ballast/plugin-sdk";
import type { MonitoringDeps } from "./deps.ts";
import { type Comparison, type JudgedFinding, judge, runTests } from "./drift.ts";
import { observe } from "./observed-column.ts";
import {
  activeRule,
  type Linear,
  sourceOnset,
  sourcesThatShow,
  UNCHANGED,
  type WatchedSource,
} from "./source-watch.ts";
import type { UnitChange } from "./unit-incident.ts";
import { locateOnset } from "./unit-onset.ts";

/** A part of a window shorter than this is not searched for a change of its own. */
const LEAST_ROWS = 100;

interface WatchedWindow {
  deploymentId: string;
  from: EpochMs;
  to: EpochMs;
  t: Float64Array;
  /** Where the deployment's training rows are pushed to. */
  sources: readonly WatchedSource[];
  /** Since when a column is in question by an open incident about the requests; null without one. */
  openSince(column: string): EpochMs | null;
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
 *
 * A change is of those who were seen to send it so: of the deployment's callers, and of a push source only where its own rows
 * since then show the same. A source that follows the requests later is a change of its own.
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
    changes.push(
      ...(found
        ? [await requestChange(deps, scope, window, column, found)]
        : await sourceChanges(deps, scope, window, comparison)),
    );
  }
  return changes;
}

async function requestChange(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  column: WatchedColumn,
  found: Found,
): Promise<UnitChange> {
  const change = await withOnset(deps, scope, window, column, found);
  const watched = watchedIn(column.comparison);
  const since = window.openSince(change.column) ?? change.since;
  const span = { since, to: window.to, wanted: found.diagnosis };
  const sources = await sourcesThatShow(deps, scope, window.sources, watched, span);
  return { ...change, source: null, appliesTo: { deployments: [window.deploymentId], sources } };
}

const watchedIn = ({ column, reference }: Comparison) => ({
  ...{ column, reference: reference.sample ?? new Float64Array() },
});

/** Sources that have come to send a column as the requests' accepted conversion says, or that have left it again. */
async function sourceChanges(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  comparison: Comparison,
): Promise<UnitChange[]> {
  const { column, unit } = comparison;
  if (unit === null) return [];
  const rule = activeRule(await conversionRules(deps, scope, { deployment: window.deploymentId }), column, window.to);
  const wanted: Linear = rule ?? UNCHANGED;
  const changes: UnitChange[] = [];
  for (const source of window.sources) {
    const onset = await sourceOnset(deps, scope, source, watchedIn(comparison), window, wanted);
    if (onset === null) continue;
    const { factor, offset } = wanted;
    changes.push({
      ...{ column, source: source.name, since: onset.from, rows: onset.rows },
      diagnosis: { kind: "unit-change", from: unit, to: rule?.receivedUnit ?? unit, factor, offset, candidates: [] },
      appliesTo: { deployments: [], sources: [source.name] },
    });
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
  const rules = await conversionRules(deps, scope, { deployment: window.deploymentId });
  const rule = activeRule(rules, comparison.column, window.to);
  if (rule === null || (rule.factor === 1 && rule.offset === 0) || comparison.unit === null) return null;
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

async function withOnset(
  deps: MonitoringDeps,
  scope: Scope,
  window: WatchedWindow,
  { comparison, values }: WatchedColumn,
  { diagnosis, factor, offset }: Found,
): Promise<Omit<UnitChange, "source" | "appliesTo">> {
  const { column } = comparison;
  const reference = comparison.reference.sample ?? new Float64Array();
  const onset = locateOnset({ t: window.t, values, reference, factor, offset });
  const rows = values.reduce((n, value) => n + (Number.isFinite(value) ? 1 : 0), 0);
  if (onset === null) return { column, diagnosis, since: window.from, rows };
  if (onset.index > 0) return { column, diagnosis, since: onset.from, rows: onset.rows };
  // Changed from its first row on: the change may have come late on the day before, too late to be named then.
  const from = window.from - DAY_MS;
  const before = await windowRows(deps, scope, window.deploymentId, from, window.from, {
    requestOnly: true,
    numbers: [column],
  });
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
