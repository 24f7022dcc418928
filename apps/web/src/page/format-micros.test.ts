import { expect, it } from "vitest";
import { formatMicros } from "./format-micros.ts";

it("writes cents from one unit on and four digits below, and a dash for nothing known", () => {
  expect(formatMicros(173_420_000)).toBe("$173.42");
  expect(formatMicros(3_600)).toBe("$0.0036");
  expect(formatMicros(0)).toBe("$0.00");
  expect(formatMicros(-7_220_000)).toBe("\u2212$7.22");
  expect(formatMicros(null)).toBe("\u2014");
});
