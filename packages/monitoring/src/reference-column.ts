import { setImmediate } from "node:timers/promises";
import type { DriftTest } from "@ballast/plugin-sdk";
import {
  calibrateLimit,
  createRandom,
  drawIndexes,
  LEAST_BLOCKS,
  leaveOneOut,
  mergeProfiles,
  quantileEdges,
  type SizedLimit,
} from "@ballast/statistics";
import { runTests } from "./drift.ts";
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

/** Sizes of windows that limits are calibrated for, beside that of whole blocks. */
const WINDOW_ROWS = [30, 100, 300, 1_000];

interface CalibratedColumn {
  column: string;
  role: ColumnRole;
  kind: ColumnKind;
  unit: string | null;
  side: Side;
  limits: Record<string, SizedLimit[]>;
  rows: number;
}

/**
 * A column's baseline: profile over quantile edges, a sample of at most 10,000 values, and for every test the limits that follow
 * from how far each day-block, whole and drawn down to the sizes of smaller windows, is from all the others. null for a column that is
 * all missing or has more than 1,000 categories. Gives the event loop a turn after each of them: the process has other work.
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
  const answers: BlockAnswer[] = [];
  const others = blocks.length >= LEAST_BLOCKS ? leaveOneOut(blocks.map(({ profile }) => profile)) : [];
  const sizes = smallerSizes(column.blocks);
  for (const [i, profile] of others.entries()) {
    const sample = sampleOf(blocks.filter((_, j) => j !== i));
    for (const size of [null, ...sizes]) {
      const current = size === null ? (blocks[i] as Side) : smallerWindow(column, i, size, edges);
      if (current === null) continue;
      const reference = { profile, ...(sample ? { sample: referenceFor(sample, size) } : {}) };
      // A unit is what a diagnosis starts from; spread it does not change.
      for (const { test, result } of runTests(tests, { ...column, unit: null, reference, current }, onFailure))
        answers.push({ test, size, rows: result.n.current, value: result.value });
      await setImmediate();
    }
  }
  const rows = whole.profile.n + whole.profile.nulls;
  return { column: name, role, kind, unit, side: whole, limits: limitsOf(answers), rows };
}

/** A test's answer on one block, whole (null) or drawn down to a size, of which `rows` counted for the test. */
interface BlockAnswer {
  test: string;
  size: number | null;
  rows: number;
  value: number;
}

/** Sizes below the middle block's. */
function smallerSizes(blocks: BlockedColumn["blocks"]): number[] {
  const whole = middle(blocks.map((block) => block.length));
  return WINDOW_ROWS.filter((size) => size < whole);
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** What a smaller window of a block's day would be: any of its rows, the same ones every time. null where it has not that many. */
function smallerWindow(
  { kind, blocks }: BlockedColumn,
  i: number,
  size: number,
  edges: readonly number[],
): Side | null {
  const values = blocks[i] ?? [];
  if (values.length < size) return null;
  const rows = drawIndexes(values.length, size, createRandom(i));
  return observe(
    kind,
    Array.from(rows, (row) => values[row] as number | string | null),
    edges,
  );
}

/** A sample twenty times as large as the window adds nothing to a distance that the window's own chance does not hide; tests take it faster. */
const referenceFor = (sample: Float64Array, size: number | null) =>
  size === null ? sample : thinned(sample, Math.max(1_000, 20 * size));

/** Of each test a limit per size, ascending. A size that too few blocks reach has none. */
function limitsOf(answers: readonly BlockAnswer[]): Record<string, SizedLimit[]> {
  const limits: Record<string, SizedLimit[]> = {};
  for (const [test, own] of Map.groupBy(answers, (answer) => answer.test)) {
    const sized = [...Map.groupBy(own, ({ size }) => size).values()].flatMap((blocks) => {
      const limit = calibrateLimit(blocks.map(({ value }) => value));
      return limit ? [{ rows: middle(blocks.map(({ rows }) => rows)), ...limit }] : [];
    });
    if (sized.length > 0) limits[test] = sized.sort((a, b) => a.rows - b.rows);
  }
  return limits;
}

function together(blocks: readonly Side[]): Side | null {
  const [first, ...rest] = blocks;
  if (first === undefined) return null;
  const profile = rest.reduce((sum, block) => mergeProfiles(sum, block.profile), first.profile);
  const sample = sampleOf(blocks);
  return { profile, ...(sample ? { sample } : {}) };
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
