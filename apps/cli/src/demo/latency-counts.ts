/** Width of a step, ms. */
const STEP_MS = 0.01;

/** How often a latency fell into each step of 10 µs: step number and count. */
export type CountedLatencies = [step: number, count: number][];

/** Latencies to the nearest 10 µs, counted: what has to be kept does not grow with the requests. */
export class LatencyCounts {
  readonly #counts: Map<number, number>;

  constructor(counted: CountedLatencies = []) {
    this.#counts = new Map(counted);
  }

  add(ms: number): void {
    const step = Math.round(ms / STEP_MS);
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1);
  }

  counted(): CountedLatencies {
    return [...this.#counts];
  }

  /** The smallest latency, ms, that more than a share `q` in [0, 1) of all do not exceed; null without any. */
  quantile(q: number): number | null {
    const steps = this.counted().sort(([a], [b]) => a - b);
    const rank = Math.floor(steps.reduce((sum, [, count]) => sum + count, 0) * q);
    let below = 0;
    for (const [step, count] of steps) {
      below += count;
      if (below > rank) return Math.round(step * STEP_MS * 100) / 100;
    }
    return null;
  }
}
