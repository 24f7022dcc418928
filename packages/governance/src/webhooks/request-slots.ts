/** Nobody takes more than this part of what is free: there is room for the next one as long as there can be. */
const PART = 16;

/**
 * A bound on what is open at once. Whoever asks gets at least one slot, when its turn has come, and more only where many are free: nobody
 * waits for the whole of what it asked for, and the fewer are left, the smaller are the shares.
 */
export class RequestSlots {
  #free: number;
  readonly #queue: { most: number; grant: (slots: number) => void }[] = [];

  /** @param most slots in all, at least 1 */
  constructor(most: number) {
    this.#free = most;
  }

  /** Takes 1 to `most` slots, in the order of asking. What is taken must be given back. */
  take(most: number): Promise<number> {
    return new Promise((grant) => {
      this.#queue.push({ most, grant });
      this.#serve();
    });
  }

  give(slots: number): void {
    this.#free += slots;
    this.#serve();
  }

  #serve(): void {
    while (this.#free > 0) {
      const next = this.#queue.shift();
      if (!next) return;
      const granted = Math.min(next.most, Math.max(1, Math.floor(this.#free / PART)));
      this.#free -= granted;
      next.grant(granted);
    }
  }
}
