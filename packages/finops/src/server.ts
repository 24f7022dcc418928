/** Services of money: budgets, the reserve/commit ledger, metering, cost queries. */
export * from "./budgets.ts";
export * from "./cost-queries.ts";
export {
  type Charge,
  type CommitResult,
  commit,
  type ReserveInput,
  type ReserveResult,
  release,
  reserve,
} from "./ledger.ts";
export { leaseSubject, type MeteredWindow, type MeterInferenceInput, meterInference } from "./meter-inference.ts";
export { moneyText } from "./money.ts";
export * from "./rate-card.ts";
export { forecastRunRate } from "./run-rate.ts";
export { sweepReservations } from "./sweep-reservations.ts";
