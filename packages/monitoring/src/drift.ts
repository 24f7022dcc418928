import { isAppError } from "@ballast/core";
import type { DriftResult, DriftTest } from "@ballast/plugin-sdk";
import { benjaminiHochberg } from "@ballast/statistics";
import type { CalibratedStatistic } from "./limit-calibration.ts";
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
  /** By test id; a test without one has nothing to hold its statistic against. */
  limits: Record<string, CalibratedStatistic>;
}

/** A test's answer on one column, judged. */
export interface JudgedFinding {
  column: string;
  role: ColumnRole;
  test: string;
  result: DriftResult;
  limit: number | null;
  qValue: number | null;
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

/**
 * Judges a window's answers together. Drift means: the statistic is above its calibrated limit and, where the test has a p-value,
 * the Benjamini–Hochberg q-value over the window's columns is at most 0.05 (with thousands of rows a p-value alone calls every
 * season drift). Without a limit the q-value decides alone; without either nothing does.
 */
export function judge(
  answers: readonly {
    column: string;
    role: ColumnRole;
    test: string;
    result: DriftResult;
    limits: Record<string, CalibratedStatistic>;
  }[],
): JudgedFinding[] {
  const withP = answers.filter(({ result }) => result.pValue !== undefined);
  const adjusted = benjaminiHochberg(withP.map(({ result }) => result.pValue as number));
  const qValues = new Map(withP.map((answer, i) => [answer, adjusted[i] as number]));
  return answers.map((answer) => {
    const { column, role, test, result, limits } = answer;
    const limit = limits[test]?.limit ?? null;
    const qValue = qValues.get(answer) ?? null;
    const over = limit === null ? null : result.value > limit;
    const unlikely = qValue === null ? null : qValue <= FALSE_DISCOVERY_RATE;
    const drifted = over === null ? unlikely === true : over && unlikely !== false;
    return { column, role, test, result, limit, qValue, drifted };
  });
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
