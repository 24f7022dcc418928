import { setImmediate } from "node:timers/promises";
import type { DriftTest } from "@ballast/plugin-sdk";
import { type ColumnProfile, mergeProfiles, quantileEdges } from "@ballast/statistics";
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
const MOST_SAMPLE = 10_000;
/** Categories beyond this are keys, not categories: counting them says nothing about drift. */
const MOST_CATEGORIES = 1_000;

interface CalibratedColumn {
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
  const { column: name, role, kind, unit } = column;
  const edges = kind === "numeric" ? quantileEdges(concatenated(column.blocks as readonly Float64Array[])) : [];
  const blocks = column.blocks.map((block) => observe(kind, block, edges));
  const whole = together(blocks);
  if (whole === null || whole.profile.n === 0) return null;
  if (whole.profile.kind === "categorical" && Object.keys(whole.profile.counts).length > MOST_CATEGORIES) return null;
  const distances = new Map<string, number[]>();
  if (blocks.length >= LEAST_BLOCKS) {
    const others = profilesOfOthers(blocks.map(({ profile }) => profile));
    for (const [i, current] of blocks.entries()) {
      const sample = sampleOf(blocks.filter((_, j) => j !== i));
      const reference = { profile: others[i] as ColumnProfile, ...(sample ? { sample } : {}) };
      for (const { test, result } of runTests(tests, { ...column, reference, current }, onFailure)) {
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
  const rows = whole.profile.n + whole.profile.nulls;
  return { column: name, role, kind, unit, side: whole, limits, rows };
}

function together(blocks: readonly Side[]): Side | null {
  const [first, ...rest] = blocks;
  if (first === undefined) return null;
  const profile = rest.reduce((sum, block) => mergeProfiles(sum, block.profile), first.profile);
  const sample = sampleOf(blocks);
  return { profile, ...(sample ? { sample } : {}) };
}

/** For each block the profile of all the others, by running merges from both ends. */
function profilesOfOthers(profiles: readonly ColumnProfile[]): ColumnProfile[] {
  const after: (ColumnProfile | undefined)[] = new Array(profiles.length).fill(undefined);
  for (let i = profiles.length - 2; i >= 0; i--) after[i] = merged(profiles[i + 1], after[i + 1]);
  let before: ColumnProfile | undefined;
  return profiles.map((profile, i) => {
    const others = merged(before, after[i]);
    before = merged(before, profile);
    return others as ColumnProfile;
  });
}

function merged(a: ColumnProfile | undefined, b: ColumnProfile | undefined): ColumnProfile | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : mergeProfiles(a, b);
}

/** Evenly spaced order statistics of every block, as many as fit 10,000 in all, ascending: the mixture's quantiles stay. */
function sampleOf(blocks: readonly Side[]): Float64Array | undefined {
  const samples = blocks.flatMap(({ sample }) => (sample ? [sample] : []));
  const total = samples.reduce((sum, sample) => sum + sample.length, 0);
  if (samples.length === 0) return undefined;
  const share = Math.min(1, MOST_SAMPLE / total);
  return concatenated(samples.map((sample) => thinned(sample, Math.floor(sample.length * share)))).sort();
}

function thinned(sorted: Float64Array, n: number): Float64Array {
  if (n >= sorted.length) return sorted;
  return Float64Array.from({ length: n }, (_, k) => sorted[Math.floor(((k + 0.5) * sorted.length) / n)] as number);
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
