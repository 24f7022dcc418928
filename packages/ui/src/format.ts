/**
 * How numbers and times are written in the product.
 * Thousands separators, a no-break thin space before a unit, a true minus sign; a missing value is an em dash.
 */

const THIN = "\u202f";
const MINUS = "\u2212";

/** What stands where a value does not exist. */
export const MISSING = "\u2014";

type Numeric = number | null | undefined;

const isNumber = (value: Numeric): value is number => typeof value === "number" && Number.isFinite(value);

const trueMinus = (text: string): string => text.replace("-", MINUS);

/** One formatter per count of decimals: making one costs more than a thousand uses. */
const fixedFormats: Intl.NumberFormat[] = [];

function fixed(value: number, digits: number): string {
  fixedFormats[digits] ??= new Intl.NumberFormat("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const text = fixedFormats[digits].format(value);
  // A value that rounds to zero carries no sign.
  return /^-[0.,]*$/.test(text) ? text.slice(1) : trueMinus(text);
}

/** NaN and ±∞ as signs that a column can hold; undefined for an ordinary number. */
export function oddNumberText(value: number): string | undefined {
  if (Number.isFinite(value)) return undefined;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+∞" : "−∞";
}

/** A count: 8,942. */
export function formatCount(value: Numeric): string {
  return isNumber(value) ? fixed(value, 0) : MISSING;
}

/** A sample size where a reader could ask: n = 8,942. */
export function formatSampleSize(value: Numeric): string {
  return `n${THIN}=${THIN}${formatCount(value)}`;
}

/** A number with a fixed number of decimals, so that a column lines up. */
export function formatDecimal(value: Numeric, digits: number): string {
  return isNumber(value) ? fixed(value, digits) : MISSING;
}

/** A model score (Brier, AUC, log loss): four decimals. */
export function formatScore(value: Numeric): string {
  return formatDecimal(value, 4);
}

/** A difference: always signed, four decimals unless told. Zero has no sign. */
export function formatDifference(value: Numeric, digits = 4): string {
  if (!isNumber(value)) return MISSING;
  const text = fixed(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** An interval, lower and upper bound signed: "−0.0138 to +0.0071". */
export function formatInterval(lower: Numeric, upper: Numeric, digits = 4): string {
  return `${formatDifference(lower, digits)} to ${formatDifference(upper, digits)}`;
}

/**
 * A rate given as a ratio (0.0005), written in per cent to two significant digits: 0.050 %.
 * Close to one it is the remainder that carries the digits, so 0.99973 is 99.973 %, never 100 %.
 */
export function formatRate(ratio: Numeric): string {
  if (!isNumber(ratio)) return MISSING;
  if (ratio === 0 || ratio === 1) return `${ratio * 100}${THIN}%`;
  const carrying = ratio > 0.9 && ratio < 1 ? 1 - ratio : Math.abs(ratio);
  const exponent = Math.floor(Math.log10(carrying * 100));
  return `${fixed(ratio * 100, Math.min(6, Math.max(0, 1 - exponent)))}${THIN}%`;
}

/** A share given as a ratio (0.973), in per cent with one decimal: 97.3 %. */
export function formatShare(ratio: Numeric, digits = 1): string {
  return isNumber(ratio) ? `${fixed(ratio * 100, digits)}${THIN}%` : MISSING;
}

/** An amount of money, to the cent unless told: $173.42. A unit price takes `digits` 3: $0.142. */
export function formatMoney(amount: Numeric, { currency, digits = 2 }: { currency: string; digits?: number }): string {
  if (!isNumber(amount)) return MISSING;
  const text = Math.abs(amount).toLocaleString("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return amount < 0 && /[1-9]/.test(text) ? MINUS + text : text;
}

/** A latency in milliseconds, three significant digits: 11.8 ms, 0.142 ms, 1,230 ms. */
export function formatLatency(milliseconds: Numeric): string {
  if (!isNumber(milliseconds)) return MISSING;
  if (milliseconds === 0) return `0${THIN}ms`;
  const exponent = Math.floor(Math.log10(Math.abs(milliseconds)));
  return `${fixed(milliseconds, Math.min(3, Math.max(0, 2 - exponent)))}${THIN}ms`;
}

/** A duration in milliseconds, its two largest units: 41 s, 1 min 18 s, 8 h 35 min, 2 d 4 h. */
export function formatDuration(milliseconds: Numeric): string {
  if (!isNumber(milliseconds)) return MISSING;
  if (milliseconds < 1_000) return `${Math.round(milliseconds)}${THIN}ms`;
  if (milliseconds < 10_000) return `${fixed(milliseconds / 1_000, 1)}${THIN}s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds}${THIN}s`;
  const pair = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${large}${THIN}${largeUnit}` : `${large}${THIN}${largeUnit} ${small}${THIN}${smallUnit}`;
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), "min", seconds % 60, "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return pair(Math.floor(minutes / 60), "h", minutes % 60, "min");
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** Bytes in decimal units: 412 kB, 1.9 MB. */
export function formatBytes(bytes: Numeric): string {
  if (!isNumber(bytes)) return MISSING;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (Math.abs(value) >= 999.5 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${fixed(value, unit > 0 && Math.abs(value) < 9.95 ? 1 : 0)}${THIN}${units[unit]}`;
}

/** An e-value: two decimals while it is small, powers of ten once it is not: 0.37, 12.4, 1.2 × 10⁶. */
export function formatEvidence(value: Numeric): string {
  if (value === Number.POSITIVE_INFINITY) return "∞";
  if (!isNumber(value)) return MISSING;
  if (value >= 1e5 || (value > 0 && value < 0.001)) {
    const [mantissa = "1", exponent = "0"] = value.toExponential(1).split("e");
    return `${mantissa}${THIN}×${THIN}10${superscript(Number(exponent))}`;
  }
  if (value > 0 && value < 0.01) return fixed(value, 3);
  return fixed(value, value < 10 ? 2 : value < 100 ? 1 : 0);
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function superscript(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map((digit) => SUPERSCRIPTS.charAt(Number(digit))).join("");
  return exponent < 0 ? `⁻${digits}` : digits;
}

/** A p-value or q-value: three decimals, "< 0.001" below that. */
export function formatPValue(value: Numeric): string {
  if (!isNumber(value)) return MISSING;
  return value < 0.001 ? `<${THIN}0.001` : fixed(value, 3);
}

/** A value with its unit, or the missing sign alone. */
export function withUnit(text: string, unit: string): string {
  return text === MISSING ? text : `${text}${THIN}${unit}`;
}

type Instant = Date | number | string;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const twoDigits = (value: number): string => String(value).padStart(2, "0");

function toDate(instant: Instant | null | undefined): Date | undefined {
  if (instant === null || instant === undefined) return undefined;
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A day in UTC: 20 Jun. With `year`: 20 Jun 2001. */
export function formatDay(instant: Instant | null | undefined, { year = false } = {}): string {
  const date = toDate(instant);
  if (!date) return MISSING;
  const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return year ? `${day} ${date.getUTCFullYear()}` : day;
}

/** A minute in UTC: 20 Jun 2001 14:35; with `year: false`, 20 Jun 14:35. */
export function formatDateTime(instant: Instant | null | undefined, { year = true } = {}): string {
  const date = toDate(instant);
  return date
    ? `${formatDay(date, { year })} ${twoDigits(date.getUTCHours())}:${twoDigits(date.getUTCMinutes())}`
    : MISSING;
}

/** The exact instant for a tooltip: 2001-06-20 14:35:07 UTC. */
export function formatExactTime(instant: Instant | null | undefined): string {
  const date = toDate(instant);
  return date ? `${date.toISOString().slice(0, 19).replace("T", " ")} UTC` : MISSING;
}

/** How long ago, up to 24 hours; then the absolute time. Instants ahead of `now` by more than a minute are absolute. */
export function formatRelativeTime(instant: Instant | null | undefined, now: Instant): string {
  const date = toDate(instant);
  const reference = toDate(now);
  if (!date || !reference) return MISSING;
  const elapsed = reference.getTime() - date.getTime();
  if (elapsed < -60_000 || elapsed >= 86_400_000) {
    return formatDateTime(date, { year: date.getUTCFullYear() !== reference.getUTCFullYear() });
  }
  if (elapsed < 10_000) return "now";
  if (elapsed < 60_000) return `${Math.floor(elapsed / 1_000)}${THIN}s ago`;
  if (elapsed < 3_600_000) return `${Math.floor(elapsed / 60_000)}${THIN}min ago`;
  return `${Math.floor(elapsed / 3_600_000)}${THIN}h ago`;
}
