/**
 * Runs `work(key)` once at a time per key, and again if it was asked for meanwhile; keys run beside each other.
 * The shape of a reconciler's loop: many wake-ups, one step at a time, none lost.
 */
export class WakeUps {
  readonly #work: (key: string) => Promise<void>;
  readonly #running = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  #stopped = false;

  /** `work` must handle its own errors; a rejection would be a bug and ends the process. */
  constructor(work: (key: string) => Promise<void>) {
    this.#work = work;
  }

  wake(key: string): void {
    if (this.#stopped) return;
    if (this.#running.has(key)) {
      this.#again.add(key);
      return;
    }
    this.#running.set(key, this.#run(key));
  }

  async #run(key: string): Promise<void> {
    do {
      this.#again.delete(key);
      await this.#work(key);
    } while (this.#again.has(key) && !this.#stopped);
    this.#running.delete(key);
  }

  /** Lets what runs finish, and starts nothing more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#running.values());
  }
}
