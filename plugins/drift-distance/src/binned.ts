import type { DriftInput, DriftResult, DriftTest } from "@ballast/plugin-sdk";
import { type AlignedCounts, alignCounts, jensenShannonOfCounts, psiOfCounts } from "@ballast/plugin-sdk/statistics";

interface BinnedDistance {
  id: string;
  title: string;
  statistic: string;
  distance(reference: number[], current: number[]): number;
}

/** A distance between counts over reference-quantile bins or categories, the null cell among them. */
function binnedTest({ id, title, statistic, distance }: BinnedDistance): DriftTest {
  return {
    id,
    title,
    kinds: ["numeric", "categorical"],
    run(input: DriftInput): DriftResult {
      const unknown = Object.keys(input.params)[0];
      if (unknown !== undefined) throw new RangeError(`${id} takes no parameters, got "${unknown}"`);
      const aligned = alignCounts(input.reference.profile, input.current.profile);
      const { n } = aligned;
      if (n.reference === 0 || n.current === 0) {
        const skipped = `no rows in the ${n.reference === 0 ? "reference" : "current window"}`;
        return { statistic, value: 0, n, details: { skipped } };
      }
      const details = { cells: aligned.cells.length, largest: largestCells(aligned) };
      return { statistic, value: distance(aligned.reference, aligned.current), n, details };
    },
  };
}

/** The three cells whose shares differ most: what a person looks at first. */
function largestCells(aligned: AlignedCounts) {
  return aligned.cells
    .map((cell, i) => ({
      cell,
      reference: (aligned.reference[i] as number) / aligned.n.reference,
      current: (aligned.current[i] as number) / aligned.n.current,
    }))
    .sort((a, b) => Math.abs(b.current - b.reference) - Math.abs(a.current - a.reference))
    .slice(0, 3);
}

export const psi = binnedTest({
  id: "psi",
  title: "Population stability index",
  statistic: "psi",
  distance: psiOfCounts,
});

export const jensenShannon = binnedTest({
  id: "jensen-shannon",
  title: "Jensen–Shannon distance, base 2",
  statistic: "js_distance_base2",
  distance: jensenShannonOfCounts,
});
