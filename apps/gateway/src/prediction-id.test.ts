import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { PredictionIds } from "./prediction-id.ts";

const SECRET = "77".repeat(32);
const NOW = Date.UTC(2026, 10, 23);

test("ids are unique, sort by time, and are known as ours by any gateway with the secret, for their project alone", () => {
  const ids = new PredictionIds(SECRET, "prj_a");
  const made = Array.from({ length: 5_000 }, (_, i) => ids.next(NOW + Math.floor(i / 1_000)));
  expect(new Set(made).size).toBe(made.length);
  expect([...made].sort()).toEqual(made);
  const sister = new PredictionIds(SECRET, "prj_a");
  const stranger = new PredictionIds("78".repeat(32), "prj_a");
  const neighbour = new PredictionIds(SECRET, "prj_b");
  for (const id of made.slice(0, 200)) {
    expect(sister.isOurs(id)).toBe(true);
    expect(stranger.isOurs(id)).toBe(false);
    expect(neighbour.isOurs(id)).toBe(false);
  }
});

test("no character of an id can be changed", () => {
  const ids = new PredictionIds(SECRET, "prj_a");
  const id = ids.next(NOW);
  for (let i = 0; i < id.length; i++) {
    const other = id[i] === "7" ? "8" : "7";
    expect(ids.isOurs(id.slice(0, i) + other + id.slice(i + 1)), `character ${i}`).toBe(false);
  }
  for (const text of ["", "prd_", `${id}0`, id.toUpperCase(), "__proto__"]) expect(ids.isOurs(text)).toBe(false);
});

test("the tag is HMAC-SHA-256 over the id's body, keyed per project", () => {
  const key = createHmac("sha256", Buffer.from(SECRET, "hex")).update("prediction-id/prj_a").digest();
  const id = new PredictionIds(SECRET, "prj_a").next(NOW);
  const tag = createHmac("sha256", key).update(id.slice(4, 21)).digest().readUIntBE(0, 6);
  const digits = [...id.slice(21)].map((c) => BigInt("0123456789abcdefghjkmnpqrstvwxyz".indexOf(c)));
  expect(digits.reduce((sum, digit) => sum * 32n + digit, 0n)).toBe(BigInt(tag));
});

test("a clock that is set back makes no id a second time", () => {
  const ids = new PredictionIds(SECRET, "prj_a");
  const made = [NOW, NOW - 5_000, NOW, NOW - 1].map((now) => ids.next(now));
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(4);
});
