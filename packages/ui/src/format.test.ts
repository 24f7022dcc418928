import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatDateTime,
  formatDecimal,
  formatDifference,
  formatDuration,
  formatEvidence,
  formatInterval,
  formatLatency,
  formatMoney,
  formatPValue,
  formatRate,
  formatRelativeTime,
  formatSampleSize,
  formatScore,
  formatShare,
  MISSING,
  withUnit,
} from "./format.ts";

const USD = { currency: "USD" };
const plain = (text: string): string => text.replaceAll("\u202f", " ");

describe("numbers", () => {
  it.each([
    [formatCount(8942), "8,942"],
    [formatCount(-12), "−12"],
    [formatCount(-0.2), "0"],
    [formatScore(0.14494), "0.1449"],
    [formatDecimal(-1234.5, 1), "−1,234.5"],
    [formatSampleSize(8942), "n = 8,942"],
    [formatLatency(11.84), "11.8 ms"],
    [formatLatency(0.1421), "0.142 ms"],
    [formatLatency(1234.4), "1,234 ms"],
    [formatPValue(0.04999), "0.050"],
    [formatPValue(1e-300), "< 0.001"],
    [withUnit("14", "rows"), "14 rows"],
  ])("%s reads %s", (actual, expected) => {
    expect(plain(actual)).toBe(expected);
  });

  it("writes the missing sign for everything that is not a finite number", () => {
    for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(formatCount(value)).toBe(MISSING);
      expect(formatMoney(value, USD)).toBe(MISSING);
      expect(formatRate(value)).toBe(MISSING);
    }
    expect(withUnit(formatCount(null), "rows")).toBe(MISSING);
  });

  it("signs a difference, and never a zero", () => {
    expect(formatDifference(0.0083)).toBe("+0.0083");
    expect(formatDifference(-0.0033)).toBe("−0.0033");
    expect(formatDifference(0.00001)).toBe("0.0000");
    expect(formatDifference(-0.00001)).toBe("0.0000");
    expect(formatInterval(-0.0138, 0.0071)).toBe("−0.0138 to +0.0071");
  });
});

describe("rates", () => {
  it.each([
    [0.0005, "0.050 %"],
    [0.0123, "1.2 %"],
    [0.216, "22 %"],
    [0.99973, "99.973 %"],
    [0.973, "97.3 %"],
    [0, "0 %"],
    [1, "100 %"],
  ])("%d is %s", (ratio, expected) => {
    expect(plain(formatRate(ratio))).toBe(expected);
  });

  it("keeps one decimal for shares", () => {
    expect(plain(formatShare(0.21649))).toBe("21.6 %");
  });
});

describe("money", () => {
  it("goes to the cent, with a true minus", () => {
    expect(formatMoney(173.42, USD)).toBe("$173.42");
    expect(formatMoney(-7.22, USD)).toBe("−$7.22");
    expect(formatMoney(-0.001, USD)).toBe("$0.00");
    expect(formatMoney(0.1421, { ...USD, digits: 3 })).toBe("$0.142");
    expect(formatMoney(12345.6, USD)).toBe("$12,345.60");
  });
});

describe("sizes and durations", () => {
  it.each([
    [formatDuration(412), "412 ms"],
    [formatDuration(41_000), "41 s"],
    [formatDuration(78_000), "1 min 18 s"],
    [formatDuration(59_700), "1 min"],
    [formatDuration(30_900_000), "8 h 35 min"],
    [formatDuration(187_200_000), "2 d 4 h"],
    [formatBytes(412_000), "412 kB"],
    [formatBytes(1_900_000), "1.9 MB"],
    [formatBytes(999_900), "1.0 MB"],
    [formatEvidence(0.37), "0.37"],
    [formatEvidence(100), "100"],
    [formatEvidence(1.23e6), "1.2 × 10⁶"],
    [formatEvidence(2.5e-9), "2.5 × 10⁻⁹"],
  ])("%s reads %s", (actual, expected) => {
    expect(plain(actual)).toBe(expected);
  });
});

describe("time", () => {
  const now = Date.UTC(2001, 5, 20, 14, 35);
  it("is relative to 24 hours, then absolute", () => {
    expect(plain(formatRelativeTime(now - 5_000, now))).toBe("now");
    expect(plain(formatRelativeTime(now - 59_000, now))).toBe("59 s ago");
    expect(plain(formatRelativeTime(now - 3_599_000, now))).toBe("59 min ago");
    expect(plain(formatRelativeTime(now - 86_399_000, now))).toBe("23 h ago");
    expect(formatRelativeTime(now - 86_400_000, now)).toBe("19 Jun 14:35");
    expect(formatRelativeTime(Date.UTC(2000, 5, 20), now)).toBe("20 Jun 2000 00:00");
    expect(formatRelativeTime(now + 3_600_000, now)).toBe("20 Jun 15:35");
  });

  it("does not depend on the machine's time zone and survives bad input", () => {
    expect(formatDateTime("2001-06-20T14:35:00Z")).toBe("20 Jun 2001 14:35");
    expect(formatDateTime("not a date")).toBe(MISSING);
    expect(formatRelativeTime(null, now)).toBe(MISSING);
  });
});
