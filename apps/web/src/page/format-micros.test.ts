import { expect, it } from "vitest";
import { formatMicros } from "./format-micros.ts";

it("writes cents from one unit on and four digits below, and a dash for nothing known", () => {
  expect(formatMicros(173_420_000, "USD")).toBe("$173.42");
  expect(formatMicros(3_600, "USD")).toBe("$0.0036");
  expect(formatMicros(0, "USD")).toBe("$0.00");
  expect(formatMicros(-7_220_000, "USD")).toBe("\u2212$7.22");
  expect(formatMicros(173_420_000, "EUR")).toBe("€173.42");
  expect(formatMicros(null, null)).toBe("\u2014");
});
