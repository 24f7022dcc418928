import { DAY_MS, HOUR_MS } from "@ballast/core";
import { expect, test } from "vitest";
import { liveWatermark, newestAsked } from "./live-watermark.ts";

const DAY = Date.UTC(2026, 2, 4);
const MINUTE = 60_000;
const live = { watermark: DAY - DAY_MS, hasSender: false, newest: DAY };

test("a day is complete a quarter of an hour after its end, once", () => {
  expect(liveWatermark(live, DAY + 15 * MINUTE - 1)).toBeNull();
  expect(liveWatermark(live, DAY + 15 * MINUTE)).toBe(DAY);
  expect(liveWatermark({ ...live, watermark: DAY }, DAY + 20 * HOUR_MS)).toBeNull();
  expect(liveWatermark({ ...live, watermark: null }, DAY + 8 * HOUR_MS)).toBe(DAY);
});

test("after the last request of a day there is still somebody to close it", () => {
  expect(liveWatermark({ ...live, newest: DAY - 8 * HOUR_MS }, DAY + 15 * MINUTE)).toBe(DAY);
});

test("the newest time asked about is never far ahead of the clock", () => {
  expect(newestAsked(null, DAY, DAY)).toBe(DAY);
  expect(newestAsked(DAY, DAY + MINUTE, DAY)).toBe(DAY + MINUTE);
  expect(newestAsked(DAY, DAY - MINUTE, DAY)).toBe(DAY);
  expect(newestAsked(DAY, DAY + HOUR_MS, DAY)).toBe(DAY + HOUR_MS);
  expect(newestAsked(DAY, DAY + HOUR_MS + 1, DAY)).toBe(DAY);
  expect(newestAsked(null, DAY + 2 * HOUR_MS, DAY)).toBeNull();
});

test("a replay, a stream nobody asks and one whose sender speaks wait", () => {
  const now = DAY + HOUR_MS;
  for (const newest of [Date.UTC(2001, 1, 1), now - DAY_MS - 1, null])
    expect(liveWatermark({ ...live, newest }, now)).toBeNull();
  expect(liveWatermark({ ...live, hasSender: true }, now)).toBeNull();
});
