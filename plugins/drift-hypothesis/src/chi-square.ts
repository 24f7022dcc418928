import type { DriftInput, DriftResult, DriftTest } from "@ballast/plugin-sdk";
import { alignCounts, chiSquareTest } from "@ballast/plugin-sdk/statistics";

const DEFAULT_MIN_EXPECTED = 5;

/**
 * Chi-square test of homogeneity over categories, nulls as a category of their own. Categories too rare for the
 * approximation (an expected count under `minExpected`, default 5) are counted together. Cramér's V, in the details, is the
 * size of the difference: with many rows the p-value alone calls everything drift.
 */
export const chiSquare: DriftTest = {
  id: "chi-square",
  title: "Chi-square homogeneity",
  kinds: ["categorical"],
  run(input: DriftInput): DriftResult {
    const minExpected = readMinExpected(input.params);
    const { reference: ref, current: cur } = input;
    if (ref.profile.kind !== "categorical" || cur.profile.kind !== "categorical") {
      throw new RangeError(`chi-square needs a categorical column; ${input.column} is not`);
    }
    const aligned = alignCounts(ref.profile, cur.profile);
    const { n } = aligned;
    if (n.reference === 0 || n.current === 0) {
      const skipped = `no rows in the ${n.reference === 0 ? "reference" : "current window"}`;
      return { statistic: "chi_square", value: 0, n, details: { skipped } };
    }
    const pooled = poolRare(aligned.reference, aligned.current, minExpected);
    const test = chiSquareTest(pooled.reference, pooled.current);
    const details = {
      df: test.df,
      cramersV: test.cramersV,
      minExpected: test.minExpected,
      pooledCategories: pooled.names.map((i) => aligned.cells[i]),
      unseenCategories: aligned.cells.filter(
        (_, i) => aligned.reference[i] === 0 && (aligned.current[i] as number) > 0,
      ),
    };
    return { statistic: "chi_square", value: test.chiSquare, pValue: test.pValue, n, details };
  },
};

function readMinExpected(params: DriftInput["params"]): number {
  for (const key of Object.keys(params)) {
    if (key !== "minExpected")
      throw new RangeError(`chi-square does not know the parameter "${key}"; it takes minExpected`);
  }
  const value = params.minExpected ?? DEFAULT_MIN_EXPECTED;
  if (typeof value !== "number" || !(value >= 0))
    throw new RangeError(`minExpected must be a number of 0 or more, got ${value}`);
  return value;
}

function poolRare(reference: number[], current: number[], minExpected: number) {
  const nRef = reference.reduce((sum, count) => sum + count, 0);
  const nCur = current.reduce((sum, count) => sum + count, 0);
  const smaller = Math.min(nRef, nCur) / (nRef + nCur);
  const kept = { reference: [] as number[], current: [] as number[], names: [] as number[] };
  let [rareRef, rareCur] = [0, 0];
  reference.forEach((r, i) => {
    const c = current[i] as number;
    if (r + c === 0) return;
    if ((r + c) * smaller >= minExpected) {
      kept.reference.push(r);
      kept.current.push(c);
      return;
    }
    rareRef += r;
    rareCur += c;
    kept.names.push(i);
  });
  kept.reference.push(rareRef);
  kept.current.push(rareCur);
  return kept;
}
