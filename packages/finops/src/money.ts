/** Micros per unit of currency. */
export const MICROS = 1_000_000;

/** `4.37 USD`; four digits below one unit, so that a small rate does not read as nothing. */
export function moneyText(micros: number, currency: string): string {
  const amount = micros / MICROS;
  const digits = amount !== 0 && Math.abs(amount) < 1 ? 4 : 2;
  return `${amount.toFixed(digits)} ${currency}`;
}
