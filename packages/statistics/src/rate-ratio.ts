/** Rate ratios treatment / control that the test mixes over, with equal weights: "worse by this factor". */
export const WORSE_RATE_RATIOS: readonly number[] = [1.1, 1.25, 1.5, 2, 3, 5, 10];

/** One log likelihood ratio for each rate ratio; all a guard has to keep. */
export type RateRatioState = readonly number[];

/** Events seen while the split stayed the same. */
export interface RateBlock {
  /** The treatment's share of exposures in this block, known before its events, in (0, 1). */
  share: number;
  treatmentEvents: number;
  controlEvents: number;
}

/** The state before any event: evidence 1. */
export function emptyRateRatio(ratios: readonly number[] = WORSE_RATE_RATIOS): RateRatioState {
  return ratios.map(() => 0);
}

/**
 * Adds a block of events. The share may differ from block to block (1 % → 10 % → 50 %): each event is judged at the share
 * under which it happened, so a ramp cannot pass for a difference.
 * @throws RangeError naming the field that is out of range.
 */
export function updateRateRatio(
  state: RateRatioState,
  block: RateBlock,
  ratios: readonly number[] = WORSE_RATE_RATIOS,
): RateRatioState {
  const { share, treatmentEvents, controlEvents } = block;
  if (state.length !== ratios.length)
    throw new RangeError(`state has ${state.length} numbers for ${ratios.length} ratios`);
  if (!(share > 0 && share < 1)) throw new RangeError(`share must lie between 0 and 1, got ${share}`);
  if (!(treatmentEvents >= 0 && controlEvents >= 0)) {
    throw new RangeError(`event counts must not be negative: ${treatmentEvents}, ${controlEvents}`);
  }
  return state.map((value, j) => {
    const ratio = ratios[j] as number;
    // Given an event, its odds of being the treatment's are ratio · share : 1 − share.
    const logTotal = Math.log1p(share * (ratio - 1));
    return value + treatmentEvents * (Math.log(ratio) - logTotal) - controlEvents * logTotal;
  });
}

/**
 * ln E, the mixture's evidence that the treatment's event rate is the higher one (or the lower, with ratios below 1).
 * Reject "not worse" when E ≥ 1/α, at any look. Exact for every rate and split; events must be independent.
 */
export function rateRatioLogE(state: RateRatioState): number {
  const top = Math.max(...state);
  const sum = state.reduce((total, value) => total + Math.exp(value - top), 0);
  return top + Math.log(sum / state.length);
}
