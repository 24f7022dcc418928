import { expect, test } from "vitest";
import { artifactPlace } from "./artifact-place.ts";
import { parseBody } from "./parse-body.ts";

const cpuMs = (work: () => void): number => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};

test("NaN and infinity may stand bare, outside of texts", () => {
  const body = Buffer.from('{"a": NaN, "b": -Infinity, "c": "NaN \\" Infinity", "d": [Infinity]}');
  expect(parseBody(body)).toEqual({ a: "NaN", b: "-Infinity", c: 'NaN " Infinity', d: ["Infinity"] });
});

test("what never ends is refused in one look: a text left open, a path of slashes", () => {
  const open = Buffer.from(`[NaN,"${'\\"'.repeat(500_000)}`);
  expect(cpuMs(() => expect(() => parseBody(open)).toThrow("not valid JSON"))).toBeLessThan(2_000);
  const slashes = `${"/".repeat(500_000)}a${"/".repeat(500_000)}b`;
  expect(cpuMs(() => artifactPlace(slashes))).toBeLessThan(2_000);
});
