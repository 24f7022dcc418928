/** Money as a ledger: admission, rate cards, leases and forecasts. Client-safe; the services are in `./server`. */
import { z } from "zod";

export * from "./budget-admission.ts";
export * from "./inference-lease.ts";
export * from "./money.ts";
export type { DayCost, RunRateForecast } from "./run-rate.ts";

const micros = z.int().nonnegative();

/** A budget as a person sets it. Amounts in micros of the currency. */
export const budgetInputSchema = z.strictObject({
  name: z.string().trim().min(1).max(80),
  currency: z.string().regex(/^[A-Z]{3}$/, "an ISO 4217 code such as USD"),
  hard: z.boolean(),
  limitMicros: micros,
});
export type BudgetInput = z.infer<typeof budgetInputSchema>;

/** Prices per unit of each meter, in micros; fractions of a micro are allowed. */
export const rateCardSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, "an ISO 4217 code such as USD"),
  rates: z.record(z.string().regex(/^[a-z]+\.[A-Za-z_]+$/), z.number().nonnegative().finite()),
});
