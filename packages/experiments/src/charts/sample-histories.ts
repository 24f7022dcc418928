import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { ALL_COLUMNS, type Buckets, COLUMN } from "./buckets.ts";
import { readBuckets } from "./metric-chart.ts";

export interface SampledPoint {
  runId: string;
  step: number;
  /** Epoch ms. */
  at: number;
  value: number;
}

export interface SampleInput {
  /** At most 100. */
  runIds: readonly string[];
  key: string;
  /** Steps, both included; all, also negative ones, where left out. */
  from?: number | undefined;
  to?: number | undefined;
  /** Points per run, from 1 to 2,500. */
  most: number;
}

/**
 * Logged points of a metric, at most `most` of each run, in the order of the runs and of steps: all of a run that has no more, else the
 * first, least, greatest and last of ranges of equal width. For MLflow's `get-history-bulk-interval`, whose own choice of every n-th point
 * loses spikes, negative steps and runs on other steps.
 */
export async function sampleHistories(tx: Tx, scope: Scope, input: SampleInput): Promise<SampledPoint[]> {
  const { most, ...asked } = input;
  // A run of at most `most` points comes whole; of a longer one each bucket yields up to four points.
  const runs = await readBuckets(tx, scope, { ...asked, buckets: most, coarse: Math.max(1, most >> 2) }, ALL_COLUMNS);
  return runs.flatMap(({ runId, exact, buckets }) => {
    const points = exact ? lastPoints(buckets) : extremes(buckets);
    return limited(points, most).map((point) => ({ runId, ...point }));
  });
}

type Point = Omit<SampledPoint, "runId">;

function pointOf(buckets: Buckets, i: number, column: "first" | "last" | "least" | "greatest"): Point {
  const cell = (c: number): number => (buckets.columns[c] as Float64Array)[i] as number;
  return { step: cell(COLUMN[`${column}Step`]), at: cell(COLUMN[`${column}At`]), value: cell(COLUMN[column]) };
}

const lastPoints = (buckets: Buckets): Point[] =>
  Array.from({ length: buckets.length }, (_, i) => pointOf(buckets, i, "last"));

function extremes(buckets: Buckets): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < buckets.length; i++) {
    const four = (["first", "least", "greatest", "last"] as const).map((column) => pointOf(buckets, i, column));
    four.sort((a, b) => a.step - b.step || a.at - b.at);
    const distinct = four.filter((one, at) => four.findIndex((other) => same(one, other)) === at);
    points.push(...distinct);
  }
  return points;
}

const same = (a: Point, b: Point) => a.step === b.step && a.at === b.at && Object.is(a.value, b.value);

/** Buckets at the edges of a range may make one more than was asked for: then the last but the very last go. */
function limited(points: Point[], most: number): Point[] {
  if (points.length <= most) return points;
  const last = points.at(-1);
  return last && most > 0 ? [...points.slice(0, most - 1), last] : [];
}
