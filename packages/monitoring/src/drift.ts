import { isAppError } from "@ballast/core";
import type { DriftResult, DriftTest } from "@ballast/plugin-sdk";
import { benjaminiHochberg, limitAt, type SizedLimit } from "@ballast/statistics";
import type { ColumnKind, ColumnRole, Side } from "./observed-column.ts";

/** A column of a window beside its reference. */
export interface Comparison {
  column: string;
  role: ColumnRole;
  kind: ColumnKind;
  /** Declared unit, if any. */
  unit: string | null;
  reference: Side;
  current: Side;
  /** By test id, of several sizes of windows, ascending; a test without any has nothing to hold its statistic against. */
  limits: Record<string, SizedLimit[]>;
}

/** A test's answer on one column, judged. */
export interface JudgedFinding {
  column: string;
  role: ColumnRole;
  test: string;
  result: DriftResult;
  limit: number | null;
  qValue: number | null;
  /** Rows that a verdict needs, where the window has fewer; null where it has enough. */
  tooFewFor: number | null;
  drifted: boolean;
}

/** False discovery rate over the columns of a window. */
const FALSE_DISCOVERY_RATE = 0.05;

/**
 * Runs every test that takes the column's kind. A test that fails on a column loses that answer and no other: the failure is
 * told through `onFailure` (a broken plugin must not stop a window).
 */
export function runTests(
  tests: readonly DriftTest[],
  comparison: Pick<Comparison, "column" | "role" | "kind" | "unit" | "reference" | "current">,
  onFailure: (test: string, column: string, error: unknown) => void = rethrow,
): { test: string; result: DriftResult }[] {
  const { column, kind, unit, reference, current } = comparison;
  return tests.flatMap((test) => {
    if (!test.kinds.includes(kind)) return [];
    try {
      const declared = unit === null ? {} : { unit };
      const result = test.run({ column, kind, reference, current, params: {}, ...declared });
      return [{ test: test.id, result }];
    } catch (error) {
      onFailure(test.id, column, error);
      return [];
    }
  });
}

function rethrow(_test: string, _column: string, error: unknown): never {
  throw isAppError(error) ? error : new Error("a drift test failed", { cause: error });
}

/** A test's answer on a column, and the column's limits. */
interface Answer {
  column: string;
  role: ColumnRole;
  test: string;
  result: DriftResult;
  limits: Record<string, SizedLimit[]>;
}

/**
 * Judges a window's answers together. Drift means: the statistic is above its calibrated limit for as many rows and, where the test has a
 * p-value, the Benjamini–Hochberg q-value over the window's columns is at most 0.05 (with thousands of rows a p-value alone calls every
 * season drift). Without a limit the q-value decides alone; without either nothing does. With fewer rows than the smallest size that a
 * limit is known for there is no verdict.
 */
export function judge(answers: readonly Answer[]): JudgedFinding[] {
  const needed = new Map(answers.map((answer) => [answer, leastRows(answer)]));
  const withP = answers.filter((answer) => answer.result.pValue !== undefined && needed.get(answer) === null);
  const adjusted = benjaminiHochberg(withP.map(({ result }) => result.pValue as number));
  const qValues = new Map(withP.map((answer, i) => [answer, adjusted[i] as number]));
  return answers.map((answer) => {
    const { column, role, test, result, limits } = answer;
    const tooFewFor = needed.get(answer) ?? null;
    const limit = limitAt(limits[test] ?? [], result.n.current);
    const qValue = qValues.get(answer) ?? null;
    const over = limit === null ? null : result.value > limit;
    const unlikely = qValue === null ? null : qValue <= FALSE_DISCOVERY_RATE;
    const drifted = tooFewFor === null && (over === null ? unlikely === true : over && unlikely !== false);
    return { column, role, test, result, limit, qValue, tooFewFor, drifted };
  });
}

/** Rows that the smallest of a test's limits is for, where the window has fewer. */
function leastRows({ test, result, limits }: Answer): number | null {
  const least = limits[test]?.[0]?.rows ?? 0;
  return result.n.current < least ? least : null;
}

/** Rows that a stored finding's verdict would have needed, where its window had fewer. */
export function tooFewFor(details: Record<string, unknown>): number | null {
  return typeof details.tooFewFor === "number" ? details.tooFewFor : null;
}

/** Columns with at least one drifted finding, worst (value ÷ limit) first, and a line that names them. */
export function driftSummary(findings: readonly JudgedFinding[]): { columns: string[]; text: string } | null {
  const worst = new Map<string, JudgedFinding>();
  for (const finding of findings) {
    if (!finding.drifted) continue;
    const known = worst.get(finding.column);
    if (!known || excess(finding) > excess(known)) worst.set(finding.column, finding);
  }
  if (worst.size === 0) return null;
  const ranked = [...worst.values()].sort((a, b) => excess(b) - excess(a));
  const parts = ranked.slice(0, 3).map((finding) => {
    const { statistic, value, n } = finding.result;
    const against =
      finding.limit === null ? `q ${format(finding.qValue ?? 1)}` : `${format(value)} > ${format(finding.limit)}`;
    return `${finding.column} (${statistic} ${against}, n ${n.current})`;
  });
  const more = ranked.length > 3 ? ` and ${ranked.length - 3} more` : "";
  return { columns: ranked.map((finding) => finding.column), text: `${parts.join(", ")}${more}` };
}

const excess = ({ result, limit }: JudgedFinding) =>
  limit === null || limit === 0 ? result.value : result.value / limit;
const format = (value: number) => value.toPrecision(3);
