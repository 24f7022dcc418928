import { expect, test } from "vitest";
import { ATTEMPT_LIMIT, judge, retryAfterMs } from "./retry.ts";

const NOW = Date.parse("2026-11-23T12:00:00Z");
const after = (status: number | null, attempts = 1, retryAfter: string | null = null) =>
  judge({ attempts, status, retryAfter }, NOW);

test("only a 2xx is delivered; redirects and refusals are given up at once; the rest is tried again", () => {
  expect([200, 201, 202, 204].map((status) => after(status).state)).toEqual(Array(4).fill("delivered"));
  expect([301, 307, 400, 401, 404, 413].map((status) => after(status).state)).toEqual(Array(6).fill("failed"));
  expect([null, 408, 425, 429, 500, 502, 503].map((status) => after(status).state)).toEqual(Array(7).fill("pending"));
  expect(after(410)).toEqual({ state: "failed", gone: true });
  expect(after(404)).toEqual({ state: "failed", gone: false });
});

test("pauses grow, end at the limit, and take about a day in all", () => {
  const waits: number[] = [];
  for (let attempts = 1; ; attempts++) {
    const verdict = after(503, attempts);
    if (verdict.state !== "pending") {
      expect(attempts).toBe(ATTEMPT_LIMIT);
      break;
    }
    expect(verdict.waitMs).toBeGreaterThan(waits.at(-1) ?? 0);
    waits.push(verdict.waitMs);
  }
  expect(waits.reduce((a, b) => a + b) / 3_600_000).toBeCloseTo(24.7, 1);
});

test("Retry-After lengthens a pause, never shortens it, and cannot stop deliveries for ever", () => {
  expect(after(429, 1, "60")).toEqual({ state: "pending", waitMs: 60_000 });
  expect(after(429, 5, "1")).toEqual({ state: "pending", waitMs: 30 * 60_000 });
  expect(after(503, 1, "Mon, 23 Nov 2026 12:10:00 GMT")).toEqual({ state: "pending", waitMs: 600_000 });
  expect(retryAfterMs("999999999", NOW)).toBe(86_400_000);
  expect(retryAfterMs("Mon, 23 Nov 2026 11:00:00 GMT", NOW)).toBe(0);
  expect(retryAfterMs("soon", NOW)).toBeNull();
});
