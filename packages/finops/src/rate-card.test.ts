import { expect, test } from "vitest";
import { amountOf, DEFAULT_RATE_CARD } from "./rate-card.ts";

const card = { currency: "USD", rates: { "training.x": 0.1, "inference.prediction": 2.5 } };

test("amounts are rounded up, but a hair of floating point is not charged", () => {
  expect(amountOf(card, "training.x", 30)).toBe(3);
  expect(amountOf(card, "training.x", 31)).toBe(4);
  expect(amountOf(card, "inference.prediction", 3)).toBe(8);
});

test("less work never costs more, whatever the fractions", () => {
  for (let i = 1; i < 5_000; i++) {
    const more = amountOf(DEFAULT_RATE_CARD, "training.Mrow_trees", i / 377);
    expect(amountOf(DEFAULT_RATE_CARD, "training.Mrow_trees", (i - 1) / 377)).toBeLessThanOrEqual(more);
  }
});

test("a meter without a price and a negative quantity are refused by name", () => {
  expect(() => amountOf(card, "training.gpu_hours", 1)).toThrow("rates.training.gpu_hours");
  expect(() => amountOf(card, "training.x", -1)).toThrow("quantity");
  expect(() => amountOf(card, "training.x", Number.NaN)).toThrow("quantity");
});
