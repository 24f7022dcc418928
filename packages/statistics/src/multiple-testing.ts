/**
 * Benjamini–Hochberg adjusted p-values (JRSS B 57, 1995), in the order given. Reject where adjusted ≤ q and the false
 * discovery rate is at most q, for independent or positively dependent tests. Equals scipy's `false_discovery_control`.
 * @throws RangeError when a p-value lies outside [0, 1].
 */
export function benjaminiHochberg(pValues: ArrayLike<number>): number[] {
  const p = Array.from(pValues);
  p.forEach((value, i) => {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`p-value ${i} is ${value}; it must lie in [0, 1]`);
  });
  const order = p.map((_, i) => i).sort((a, b) => (p[b] as number) - (p[a] as number));
  const adjusted = new Array<number>(p.length);
  let smallest = 1;
  order.forEach((index, position) => {
    smallest = Math.min(smallest, ((p[index] as number) * p.length) / (p.length - position));
    adjusted[index] = smallest;
  });
  return adjusted;
}
