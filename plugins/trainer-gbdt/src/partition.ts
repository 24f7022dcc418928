import { MISSING_BIN } from "./binning.ts";

/**
 * Row numbers grouped by leaf: each leaf owns a stretch `[start, end)` of `rows`, in ascending row order. The order makes
 * every sum, and so every tree, the same on every run, and keeps memory access forward.
 */
export class RowPartition {
  readonly rows: Int32Array;
  readonly #spare: Int32Array;
  readonly #allRows: Int32Array;

  constructor(count: number) {
    this.#allRows = new Int32Array(count);
    for (let i = 0; i < count; i++) this.#allRows[i] = i;
    this.rows = this.#allRows.slice();
    this.#spare = new Int32Array(count);
  }

  /** All rows in one stretch again. */
  reset(): void {
    this.rows.set(this.#allRows);
  }

  /** Splits a stretch in place; returns where its right part begins. */
  split(start: number, end: number, bins: Uint8Array, bin: number, missingLeft: boolean): number {
    const { rows } = this;
    const spare = this.#spare;
    const goesLeft = new Uint8Array(MISSING_BIN + 1).fill(1, 0, bin + 1);
    goesLeft[MISSING_BIN] = missingLeft ? 1 : 0;
    let left = start;
    let right = 0;
    // Both targets are written and one pointer moves: no branch to mispredict.
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      const isLeft = goesLeft[bins[row] as number] as number;
      rows[left] = row;
      spare[right] = row;
      left += isLeft;
      right += 1 - isLeft;
    }
    rows.set(spare.subarray(0, right), left);
    return left;
  }
}
