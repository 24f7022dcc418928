/** Watches a validation loss and says when to give up. Pure. */
export class EarlyStopping {
  readonly #patience: number;
  readonly #minDelta: number;
  #best: number;
  #bestRound = 0;

  /** @param start loss of the constant model, round 0, which the first tree has to beat */
  constructor(patience: number, minDelta: number, start: number) {
    this.#patience = patience;
    this.#minDelta = minDelta;
    this.#best = start;
  }

  /** Trees of the best model seen. */
  get bestRound(): number {
    return this.#bestRound;
  }

  /** Takes the loss after `round` trees; true when `patience` rounds brought no progress. */
  shouldStop(round: number, loss: number): boolean {
    if (loss < this.#best - this.#minDelta) {
      this.#best = loss;
      this.#bestRound = round;
    }
    return this.#patience > 0 && round - this.#bestRound >= this.#patience;
  }
}
