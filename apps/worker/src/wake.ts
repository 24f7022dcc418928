/**
 * Runs `work(key)` once at a time per key, and again if it was asked for meanwhile; keys run beside each other.
 * The shape of a reconciler's loop: many wake-ups, one step at a time, none lost.
 */
export class WakeUps {
  readonly #work: (key: string, signal: AbortSignal) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  readonly #stopping = new AbortController();

  /**
   * `work` must handle its own errors; a rejection would be a bug and ends the process. Work of many steps ends with the
   * step at hand once `signal` is aborted.
   */
  constructor(work: (key: string, signal: AbortSignal) => Promise<void>) {
    this.#work = work;
  }

  wake(key: string): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#running.set(key, this.#run(key));
  }

  async #run(key: string): Promise<void> {
    const { signal } = this.#stopping;
    do {
      this.#again.delete(key);
      await this.#work(key, signal);
    } while (this.#again.has(key) && !signal.aborted);
    this.#running.delete(key);
  }

  /** Lets what runs finish, and starts nothing more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running.values());
  }
}
