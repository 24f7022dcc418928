import { AppError } from "@ballast/core";
import type { RateCard } from "@ballast/db";

/** One prediction answered to a caller. */
export const PREDICTION_METER = "inference.prediction";
/** One row scored by a version that did not answer: a shadow, or the other arm of a canary. */
export const SHADOW_METER = "inference.shadow";

/** The meter of a trainer's work unit, e.g. `training.Mrow_trees`. */
export function trainingMeter(unit: string): string {
  return `training.${unit}`;
}

/**
 * Prices of a project that has set none: 0.10 USD per 1,000 predictions, 0.06 per 1,000 shadow scorings, and 0.04 per million
 * rows passed through the growing of one tree. Each meter counts work, never seconds, so a slow machine costs no more.
 */
export const DEFAULT_RATE_CARD: RateCard = {
  currency: "USD",
  rates: { "training.Mrow_trees": 40_000, [PREDICTION_METER]: 100, [SHADOW_METER]: 60 },
};

/** Price of one unit of `meter`, in micros. @throws AppError `precondition_failed` when the card has no price for it */
export function rateOf(card: RateCard, meter: string): number {
  const rate = card.rates[meter];
  if (rate === undefined) {
    throw new AppError(
      "precondition_failed",
      `The rate card has no price for ${meter}; add one under rates.${meter}.`,
      {
        details: { field: `rates.${meter}`, known: Object.keys(card.rates) },
      },
    );
  }
  return rate;
}

/**
 * `quantity` units of `meter` in micros, rounded up. Rounding up is monotone: what comes to no more than the worst case in
 * quantity comes to no more in money.
 */
export function amountOf(card: RateCard, meter: string, quantity: number): number {
  if (!(quantity >= 0) || !Number.isFinite(quantity)) {
    throw new AppError("invalid_input", `quantity of ${meter} is ${quantity}; it is a number of at least 0.`, {
      details: { field: "quantity" },
    });
  }
  // A product such as 0.1 × 3 lies a hair above the integer it means; the hair is not charged.
  const exact = quantity * rateOf(card, meter);
  const near = Math.round(exact);
  return Math.abs(exact - near) <= 1e-9 * Math.max(1, near) ? near : Math.ceil(exact);
}
