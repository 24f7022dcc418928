import { expect, test } from "vitest";
import { admit, type BudgetState } from "./budget-admission.ts";

const state = (over: Partial<BudgetState> = {}): BudgetState => ({
  name: "project",
  currency: "USD",
  hard: true,
  limitMicros: 10_000_000,
  committedMicros: 6_000_000,
  reservedMicros: 1_000_000,
  ...over,
});

test.each([
  [3_000_000, true, 0],
  [3_000_001, false, 1],
  [0, true, 0],
  [50_000_000, false, 47_000_000],
])("a worst case of %i against 3.00 free: admitted %s, short by %i", (worst, admitted, short) => {
  const answer = admit(state(), worst);
  expect(answer.admitted).toBe(admitted);
  expect(answer.invoice.shortByMicros).toBe(short);
  expect(answer.invoice.freeMicros).toBe(3_000_000);
  expect(answer.invoice.waysOut.length > 0).toBe(!admitted);
});

test("a refusal names worst case, free, shortfall and the limit that would do", () => {
  const { invoice, summary } = admit(state(), 4_500_000);
  expect(summary).toContain("worst case 4.50 USD, free 3.00 USD, short by 1.50 USD");
  expect(invoice.waysOut.join(" ")).toContain("from 10.00 USD to at least 11.50 USD");
  expect(invoice.waysOut.join(" ")).toContain("66 % of this request");
});

test("waiting is offered only where the reservations under way could free enough", () => {
  const offers = (worst: number) => admit(state(), worst).invoice.waysOut.some((way) => way.startsWith("Wait"));
  expect(offers(4_000_000)).toBe(true);
  expect(offers(4_000_001)).toBe(false);
});

test("a soft budget admits beyond its limit", () => {
  expect(admit(state({ hard: false, limitMicros: 0 }), 1e12).admitted).toBe(true);
});
