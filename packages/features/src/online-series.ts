/**
 * The rows of one key in time order, with running sums: the trailing sum and count over any window are two binary
 * searches. Times are integer epoch ms. Sums are integers below 2^53, so they are exact.
 */
export class OnlineSeries {
  #times = new Float64Array(16);
  /** `#sums[i]`: sum of `of` over every row ever held up to and including i. */
  #sums = new Float64Array(16);
  #head = 0;
  #end = 0;
  /** Sum over rows already forgotten. */
  #base = 0;

  get size(): number {
    return this.#end - this.#head;
  }

  get bytes(): number {
    return this.#times.byteLength + this.#sums.byteLength;
  }

  /** Adds a row; one that comes out of order is put where it belongs. */
  push(time: number, value: number): void {
    if (this.#end === this.#times.length) this.#makeRoom();
    const end = this.#end;
    const last = end > this.#head ? (this.#sums[end - 1] as number) : this.#base;
    if (end === this.#head || time >= (this.#times[end - 1] as number)) {
      this.#times[end] = time;
      this.#sums[end] = last + value;
    } else {
      const position = this.#countUpTo(time);
      this.#times.copyWithin(position + 1, position, end);
      this.#sums.copyWithin(position + 1, position, end);
      const before = position > this.#head ? (this.#sums[position - 1] as number) : this.#base;
      this.#times[position] = time;
      this.#sums[position] = before + value;
      if (value !== 0) for (let i = position + 1; i <= end; i++) this.#sums[i] = (this.#sums[i] as number) + value;
    }
    this.#end = end + 1;
  }

  /** sum / count over rows with time in (t − windowMs, t], rounded to float32; NaN when there is none. */
  share(t: number, windowMs: number): number {
    const to = this.#countUpTo(t);
    const from = this.#countUpTo(t - windowMs);
    if (to <= from) return Number.NaN;
    return Math.fround((this.#sumThrough(to) - this.#sumThrough(from)) / (to - from));
  }

  /** Forgets rows with time < t. The space is given back when half of it is unused. */
  evictBefore(t: number): void {
    const head = this.#countUpTo(t - 1);
    if (head === this.#head) return;
    this.#base = this.#sumThrough(head);
    this.#head = head;
    if (this.#end - head < this.#times.length / 4) this.#resize(Math.max(16, 2 * (this.#end - head)));
  }

  #sumThrough(index: number): number {
    return index > this.#head ? (this.#sums[index - 1] as number) : this.#base;
  }

  /** Index after the last row with time ≤ t. */
  #countUpTo(t: number): number {
    const times = this.#times;
    let low = this.#head;
    let high = this.#end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((times[middle] as number) <= t) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #makeRoom(): void {
    this.#resize(Math.max(16, 2 * this.size));
  }

  #resize(capacity: number): void {
    const times = new Float64Array(capacity);
    const sums = new Float64Array(capacity);
    times.set(this.#times.subarray(this.#head, this.#end));
    sums.set(this.#sums.subarray(this.#head, this.#end));
    this.#end -= this.#head;
    this.#head = 0;
    this.#times = times;
    this.#sums = sums;
  }
}
