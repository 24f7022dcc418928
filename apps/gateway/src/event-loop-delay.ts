const EVERY_MS = 10;
const SAMPLES = 1_000;

/** How late the serving thread's timers are: a 10 ms timer's lateness over the last 10 seconds. */
export class EventLoopDelay {
  readonly #samples = new Float64Array(SAMPLES);
  #taken = 0;
  #due = performance.now() + EVERY_MS;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => {
      const now = performance.now();
      this.#samples[this.#taken++ % SAMPLES] = Math.max(0, now - this.#due);
      this.#due = now + EVERY_MS;
    }, EVERY_MS);
    this.#timer.unref();
  }

  /** Milliseconds that the share `p` of samples stays within; 0 before the first sample. */
  quantile(p: number): number {
    const count = Math.min(this.#taken, SAMPLES);
    const sorted = this.#samples.slice(0, count).sort();
    return sorted[Math.min(count - 1, Math.floor(p * count))] ?? 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
