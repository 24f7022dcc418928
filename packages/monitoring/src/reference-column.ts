import { setImmediate } from "node:timers/promises";
import type { DriftTest } from "@ballast/plugin-sdk";
import { quantileEdges } from "@ballast/statistics";
import { runTests } from "./drift.ts";
import { type CalibratedStatistic, LEAST_BLOCKS, limitOf } from "./limit-calibration.ts";
import { type ColumnKind, type ColumnRole, observe, type Side } from "./observed-column.ts";

/** A column of the reference rows, split into day-blocks. */
export interface BlockedColumn {
  column: string;
  role: ColumnRole;
  kind: ColumnKind;
  unit: string | null;
  blocks: readonly (Float64Array | readonly (string | null)[])[];
}

/** Values kept of a numeric column for the tests that want samples. */
export const MOST_SAMPLE = 10_000;
/** Categories beyond this are keys, not categories: counting them says nothing about drift. */
export const MOST_CATEGORIES = 1_000;

export interface CalibratedColumn {
  column: string;
  role: ColumnRole;
  kind: ColumnKind;
  unit: string | null;
  side: Side;
  limits: Record<string, CalibratedStatistic>;
  rows: number;
}

/**
 * A column's baseline: profile over quantile edges, a sample of at most 10,000 values, and for every test the limit that follows from
 * how far each day-block is from all the others. null for a column that is all missing or has more than 1,000 categories. Gives
 * the event loop a turn after each block: the process has other work.
 */
export async function calibrateColumn(
  column: BlockedColumn,
  tests: readonly DriftTest[],
  onFailure: (test: string, column: string, error: unknown) => void,
): Promise<CalibratedColumn | null> {
  const { kind } = column;
  const all = joined(column, column.blocks);
  const edges = kind === "numeric" ? quantileEdges(all as Float64Array) : [];
  const whole = observe(kind, all, edges);
  if (whole.profile.n === 0) return null;
  if (whole.profile.kind === "categorical" && Object.keys(whole.profile.counts).length > MOST_CATEGORIES) return null;
  const distances = new Map<string, number[]>();
  if (column.blocks.length >= LEAST_BLOCKS) {
    for (const [i, block] of column.blocks.entries()) {
      const others = joined(
        column,
        column.blocks.filter((_, j) => j !== i),
      );
      const reference = thinned(observe(kind, others, edges));
      const compared = { ...column, reference, current: observe(kind, block, edges) };
      for (const { test, result } of runTests(tests, compared, onFailure)) {
        const known = distances.get(test);
        if (known) known.push(result.value);
        else distances.set(test, [result.value]);
      }
      await setImmediate();
    }
  }
  const limits: Record<string, CalibratedStatistic> = {};
  for (const [test, values] of distances) {
    const limit = limitOf(values);
    if (limit) limits[test] = limit;
  }
  const { column: name, role, unit } = column;
  return { column: name, role, kind, unit, side: thinned(whole), limits, rows: all.length };
}

function joined({ kind }: BlockedColumn, blocks: BlockedColumn["blocks"]): Float64Array | (string | null)[] {
  if (kind === "categorical") return (blocks as readonly (readonly (string | null)[])[]).flat();
  const out = new Float64Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks as readonly Float64Array[]) {
    out.set(block, at);
    at += block.length;
  }
  return out;
}

/** Every k-th value of the ascending sample: its quantiles stay. */
function thinned({ profile, sample }: Side): Side {
  if (sample === undefined || sample.length <= MOST_SAMPLE) return { profile, ...(sample ? { sample } : {}) };
  const kept = Float64Array.from(
    { length: MOST_SAMPLE },
    (_, k) => sample[Math.floor(((k + 0.5) * sample.length) / MOST_SAMPLE)] as number,
  );
  return { profile, sample: kept };
}
