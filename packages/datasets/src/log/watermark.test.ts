import { expect, test } from "vitest";
import { reachedWatermark, type SegmentState } from "./watermark.ts";

const segment = (sequence: number, state: "sealed" | "compacted", watermark: number | null, gateway = "g1/p") => ({
  id: `${gateway}/${sequence}`,
  sequence,
  state,
  watermark: watermark === null ? null : new Date(watermark),
});

const cases: [string, SegmentState[], number | null][] = [
  ["nothing", [], null],
  ["all compacted", [segment(1, "compacted", 10), segment(2, "compacted", null), segment(3, "compacted", 30)], 30],
  ["one still sealed", [segment(1, "compacted", 10), segment(2, "sealed", 20), segment(3, "compacted", 30)], 10],
  ["one not registered", [segment(1, "compacted", 10), segment(3, "compacted", 30)], 10],
  ["in any order", [segment(3, "compacted", 30), segment(2, "compacted", 20), segment(1, "compacted", 10)], 30],
  ["first sealed", [segment(1, "sealed", 10), segment(2, "compacted", 20)], null],
  ["a watermark that fell back", [segment(1, "compacted", 30), segment(2, "compacted", 20)], 30],
  ["two gateways", [segment(1, "compacted", 10), segment(7, "sealed", 5, "g2/p"), segment(2, "compacted", 20)], 20],
];

test.each(cases)("reached: %s", (_, segments, expected) => {
  expect(reachedWatermark(segments)).toBe(expected);
});
