/**
 * Time-weighted exponential moving average of a series: each earlier value weighs 2^(−distance / halfLife), the weights add up to
 * one, so that the first values are not drawn towards zero. Irregular steps count by their distance, not by their number. Values that
 * are no finite number are passed over and stay as they are.
 * @param x positions, ascending, in any unit; @param y values, as many; @param halfLife in the unit of `x`, above 0
 */
export function smoothed(x: ArrayLike<number>, y: ArrayLike<number>, halfLife: number): Float64Array {
  const out = new Float64Array(y.length);
  let [sum, weight, last] = [0, 0, Number.NaN];
  for (let i = 0; i < y.length; i += 1) {
    const [at, value] = [x[i] as number, y[i] as number];
    if (!Number.isFinite(value) || !Number.isFinite(at)) {
      out[i] = value;
      continue;
    }
    const kept = Number.isNaN(last) ? 0 : 2 ** (-Math.max(0, at - last) / halfLife);
    sum = sum * kept + value;
    weight = weight * kept + 1;
    last = at;
    out[i] = sum / weight;
  }
  return out;
}
