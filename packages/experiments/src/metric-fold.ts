/** A logged point. NaN and ±∞ are values like any other. */
export interface MetricPoint {
  key: string;
  value: number;
  /** Epoch ms, as the client says. */
  at: number;
  step: number;
  /** The logged model it measures. */
  modelId?: string;
  datasetName?: string;
  datasetDigest?: string;
}

/** What a batch does to the row of one (run, key). */
export interface SeriesChange {
  projectId: string;
  runId: string;
  key: string;
  lastStep: number;
  lastAt: number;
  last: number;
  /** Null while every value is NaN. */
  least: number | null;
  greatest: number | null;
  firstStep: number;
  received: number;
}

/** Points of one run, as they came. */
export interface RunPoints {
  projectId: string;
  runId: string;
  metrics: readonly MetricPoint[];
}

export interface FoldedPoints {
  /** One per (run, key), ordered by run and key: whoever locks their rows does it in this order. */
  series: SeriesChange[];
  /** Column by column; `series` holds the index into the list above. */
  points: { series: number[]; step: number[]; at: number[]; value: number[] };
}

/** Groups points by series and says what each series gains, so that a transaction touches a series' row once. */
export function foldPoints(runs: readonly RunPoints[]): FoldedPoints {
  const found = new Map<string, Map<string, { change: SeriesChange; no: number }>>();
  const all: { change: SeriesChange; no: number }[] = [];
  const points: FoldedPoints["points"] = { series: [], step: [], at: [], value: [] };
  for (const { projectId, runId, metrics } of runs) {
    let ofRun = found.get(runId);
    if (!ofRun) {
      ofRun = new Map();
      found.set(runId, ofRun);
    }
    for (const point of metrics) {
      let entry = ofRun.get(point.key);
      if (entry) add(entry.change, point);
      else {
        entry = { change: first(projectId, runId, point), no: all.length };
        ofRun.set(point.key, entry);
        all.push(entry);
      }
      points.series.push(entry.no);
      points.step.push(point.step);
      points.at.push(point.at);
      points.value.push(point.value);
    }
  }
  return sorted(all, points);
}

/** Orders the series by run and key, by code unit, and the points by series: neighbours in the index are written one after the other. */
function sorted(all: { change: SeriesChange; no: number }[], points: FoldedPoints["points"]): FoldedPoints {
  all.sort((a, b) => compare(a.change.runId, b.change.runId) || compare(a.change.key, b.change.key));
  const n = points.series.length;
  const place = new Array<number>(all.length);
  const next = new Array<number>(all.length);
  let start = 0;
  for (let i = 0; i < all.length; i++) {
    const { no, change } = all[i] as { change: SeriesChange; no: number };
    place[no] = i;
    next[i] = start;
    start += change.received;
  }
  const ordered = { series: Array(n), step: Array(n), at: Array(n), value: Array(n) } as FoldedPoints["points"];
  for (let i = 0; i < n; i++) {
    const series = place[points.series[i] as number] as number;
    const to = next[series] as number;
    next[series] = to + 1;
    ordered.series[to] = series;
    ordered.step[to] = points.step[i] as number;
    ordered.at[to] = points.at[i] as number;
    ordered.value[to] = points.value[i] as number;
  }
  return { series: all.map(({ change }) => change), points: ordered };
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function first(projectId: string, runId: string, { key, value, at, step }: MetricPoint): SeriesChange {
  const known = Number.isNaN(value) ? null : value;
  return {
    ...{ projectId, runId, key },
    ...{ lastStep: step, lastAt: at, last: value, least: known, greatest: known, firstStep: step, received: 1 },
  };
}

function add(change: SeriesChange, { value, at, step }: MetricPoint): void {
  change.received++;
  if (step < change.firstStep) change.firstStep = step;
  if (isLater(step, at, value, change)) {
    change.lastStep = step;
    change.lastAt = at;
    change.last = value;
  }
  if (Number.isNaN(value)) return;
  if (change.least === null || value < change.least) change.least = value;
  if (change.greatest === null || value > change.greatest) change.greatest = value;
}

/** The order of points, as MLflow has it: step, then time, then value; NaN is below every number. */
function isLater(step: number, at: number, value: number, than: SeriesChange): boolean {
  if (step !== than.lastStep) return step > than.lastStep;
  if (at !== than.lastAt) return at > than.lastAt;
  return value > than.last || (Number.isNaN(than.last) && !Number.isNaN(value));
}
