import { formatMoney, MISSING } from "@ballast/ui";

const MICROS = 1_000_000;

/**
 * Money kept in micros: $4.37; below one unit with four digits, so that a small charge does not read as nothing: $0.0036. The
 * currency is null only where there is no amount.
 */
export function formatMicros(micros: number | null | undefined, currency: string | null): string {
  if (micros === null || micros === undefined || currency === null) return MISSING;
  const amount = micros / MICROS;
  return formatMoney(amount, { currency, digits: amount !== 0 && Math.abs(amount) < 1 ? 4 : 2 });
}
