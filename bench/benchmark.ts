/** What one benchmark found: its name, the ratio to the peer, whether its bars hold, and whatever else it measured. */
export interface BenchResult {
  name: string;
  /** Ours over the peer's, in the sense the benchmark's README section states. */
  ratio: number;
  /** Every bar holds. */
  ok: boolean;
  [figure: string]: unknown;
}

export interface BenchOptions {
  /** Tells a person what is going on; never on standard output. */
  say: (line: string) => void;
}

/** One folder under `bench/`, its `bench.ts` exporting `name`, `title` and `run`. */
export interface Benchmark {
  name: string;
  title: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** A figure and the bar it is held to. */
export interface Bar {
  value: number;
  limit: number;
  ok: boolean;
}

export function atMost(value: number, limit: number): Bar {
  return { value, limit, ok: value <= limit };
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  if (low === undefined || high === undefined) throw new Error("The median of nothing is not defined.");
  return (low + high) / 2;
}
