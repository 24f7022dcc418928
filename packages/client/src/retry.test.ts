import { expect, test } from "vitest";
import { isIdempotent, waitBeforeRetry } from "./retry.ts";

const wait = (code: Parameters<typeof waitBeforeRetry>[0]["code"], idempotent: boolean, details = {}, attempt = 1) =>
  waitBeforeRetry({ code, details }, { idempotent, attempt, chance: 0 });

test("what may have been done is repeated only where twice is once; what was not heard always", () => {
  for (const code of ["no_answer", "unavailable", "deadline_exceeded"] as const) {
    expect(wait(code, true)).toBe(100);
    expect(wait(code, false)).toBeNull();
  }
  expect(wait("unreachable", false)).toBe(100);
  expect(wait("too_many_requests", false, { waitSeconds: 3 })).toBe(3_000);
  for (const code of ["invalid_input", "conflict", "forbidden", "internal", "aborted", "not_ballast"] as const)
    expect(wait(code, true)).toBeNull();
});

test("waits grow to ten seconds, and a server that asks for more is not waited for", () => {
  expect([1, 2, 3, 4].map((attempt) => wait("unreachable", true, {}, attempt))).toEqual([100, 200, 400, 800]);
  expect(
    waitBeforeRetry({ code: "unreachable", details: {} }, { idempotent: true, attempt: 30, chance: 0.999 }),
  ).toBeLessThanOrEqual(10_000);
  expect(wait("too_many_requests", true, { waitSeconds: 600 })).toBeNull();
});

test("queries may be repeated, mutations where they say so", () => {
  expect(isIdempotent("query", "model.list", undefined)).toBe(true);
  expect(isIdempotent("mutation", "model.register", undefined)).toBe(false);
  expect(isIdempotent("mutation", "experiment.logBatch", undefined)).toBe(true);
  expect(isIdempotent("mutation", "model.register", true)).toBe(true);
  expect(isIdempotent("query", "model.list", false)).toBe(false);
});
