import { createRandom } from "@ballast/statistics";
import { expect, test } from "vitest";
import { ASSIGNMENT_BUCKETS, assign, assignmentBucket } from "./assignment.ts";

const keys = Array.from({ length: 20_000 }, (_, i) => `req-${i}`);

test("a key stays where it is, and a growing share only ever adds keys", () => {
  const percents = [0, 0.5, 1, 10, 50, 99.99, 100];
  for (const key of keys.slice(0, 2000)) {
    const answers = percents.map((percent) => assign("salt", key, percent));
    const first = answers.indexOf("candidate");
    expect(answers.slice(0, first === -1 ? undefined : first).every((who) => who === "champion")).toBe(true);
    expect(answers.slice(first === -1 ? answers.length : first).every((who) => who === "candidate")).toBe(true);
    expect(answers[0]).toBe("champion");
    expect(answers.at(-1)).toBe("candidate");
  }
});

test("short neighbouring keys spread evenly, and differently under another salt", () => {
  const tenths = new Array<number>(100).fill(0);
  for (const key of keys) {
    const cell = Math.floor(assignmentBucket("rol_a", key) / (ASSIGNMENT_BUCKETS / 100));
    tenths[cell] = (tenths[cell] as number) + 1;
  }
  const expected = keys.length / 100;
  const chiSquare = tenths.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0);
  // 99 degrees of freedom: beyond 149 with probability 0.001.
  expect(chiSquare).toBeLessThan(149);
  const both = keys.filter(
    (key) => assign("rol_a", key, 10) === "candidate" && assign("rol_b", key, 10) === "candidate",
  );
  // 1 % of keys by chance: 200 ± 5 standard deviations.
  expect(both.length).toBeGreaterThan(130);
  expect(both.length).toBeLessThan(270);
});

test("any text is a key", () => {
  const random = createRandom(7);
  for (let i = 0; i < 2000; i++) {
    const key = Array.from({ length: random.integer(12) }, () => String.fromCharCode(random.integer(65_536))).join("");
    const bucket = assignmentBucket(key, key);
    expect(Number.isInteger(bucket) && bucket >= 0 && bucket < ASSIGNMENT_BUCKETS).toBe(true);
  }
  expect(assignmentBucket("ab", "c")).not.toBe(assignmentBucket("a", "bc"));
});

test("buckets are part of the contract with every gateway: they do not move between releases", () => {
  expect(["", "a", "ORD", "request-1", "機場"].map((key) => assignmentBucket("rol_1", key))).toMatchInlineSnapshot(`
    [
      5203,
      5803,
      9036,
      6436,
      3140,
    ]
  `);
});
