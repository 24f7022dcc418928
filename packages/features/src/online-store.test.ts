import type { TrailingShareView } from "@ballast/db";
import { expect, test } from "vitest";
import { compileBindings, dayOfWeek, hourOfDay } from "./bindings.ts";
import { OnlineFeatureStore } from "./online-store.ts";
import { random } from "./seeded-random.ts";

const view: TrailingShareView = {
  kind: "trailing_share",
  name: "congestion",
  description: "",
  source: "flights",
  knownAt: "known",
  requestTime: "t",
  of: "late",
  features: [
    { name: "origin_short", key: "origin", windowMs: 30 },
    { name: "origin_long", key: "origin", windowMs: 200 },
    { name: "destination_long", key: "destination", windowMs: 200 },
  ],
  onMissing: "null",
};

interface Row {
  known: number;
  late: number;
  origin: string | null;
  destination: string;
}

function brute(rows: Row[], key: "origin" | "destination", value: string, t: number, window: number): number {
  let sum = 0;
  let count = 0;
  for (const row of rows)
    if (row[key] === value && row.known > t - window && row.known <= t) {
      sum += row.late;
      count += 1;
    }
  return count === 0 ? Number.NaN : Math.fround(sum / count);
}

test("equals a brute-force count for rows in any order, ties and eviction included", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed);
    const store = new OnlineFeatureStore([view]);
    const rows: Row[] = [];
    let now = 0;
    for (let step = 0; step < 400; step++) {
      now += Math.floor(next() * 4);
      const batch: Row[] = [];
      for (let i = Math.floor(next() * 4); i > 0; i--)
        batch.push({
          known: now - Math.floor(next() * next() * 60) + 5,
          late: next() < 0.3 ? 1 : 0,
          origin: next() < 0.05 ? null : `A${Math.floor(next() * 5)}`,
          destination: `A${Math.floor(next() * 5)}`,
        });
      store.push("flights", {
        known: batch.map((r) => r.known),
        late: batch.map((r) => r.late),
        origin: batch.map((r) => r.origin),
        destination: batch.map((r) => r.destination),
      });
      rows.push(...batch);
      if (step % 7 === 0) store.evictBefore(now - 260);
      const t = now - Math.floor(next() * 60);
      const key = `A${Math.floor(next() * 6)}`;
      expect(store.lookup("congestion", "origin_short", key, t)).toBe(brute(rows, "origin", key, t, 30));
      expect(store.lookup("congestion", "origin_long", key, t)).toBe(brute(rows, "origin", key, t, 200));
      expect(store.lookup("congestion", "destination_long", key, t)).toBe(brute(rows, "destination", key, t, 200));
    }
  }
});

test("forgets rows and space, and refuses to answer from half of a window", () => {
  const store = new OnlineFeatureStore([view]);
  const n = 50_000;
  for (let i = 0; i < n; i++)
    store.push("flights", { known: [i], late: [i % 2], origin: ["A"], destination: [`D${i % 7}`] });
  const full = store.size;
  store.evictBefore(n - 250);
  expect(store.size.rows).toBe(2 * 250);
  expect(store.size.bytes).toBeLessThan(full.bytes / 20);
  expect(store.lookup("congestion", "origin_long", "A", n - 1)).toBe(0.5);
  expect(store.lookup("congestion", "origin_long", "A", n - 250 + 199)).toBe(0.5);
  expect(() => store.lookup("congestion", "origin_long", "A", n - 250 + 198)).toThrow(/no longer held/);
  store.evictBefore(10 * n);
  expect(store.knows("congestion", "origin_long", "A")).toBe(false);
  expect(store.size.keys).toBe(0);
});

test("refuses rows it cannot count, naming column and row, and keeps none of them", () => {
  const store = new OnlineFeatureStore([view]);
  const good = { known: [1, 2], late: [0, 1], origin: ["A", "A"], destination: ["B", "B"] };
  expect(() => store.push("flights", { ...good, known: [1, 2.5] })).toThrow(/"known", row 1/);
  expect(() => store.push("flights", { ...good, late: [0, 2] })).toThrow(/"late", row 1/);
  expect(() => store.push("flights", { ...good, destination: ["B", {}] })).toThrow(/"destination", row 1/);
  expect(() => store.push("flights", { ...good, origin: ["A"] })).toThrow(/"origin", row 1|same number/);
  expect(() => store.push("flights", { known: [1], late: [1], origin: ["A"] })).toThrow(/"destination"/);
  expect(store.size.rows).toBe(0);
  store.push("nobody reads this", { anything: [1] });
  expect(store.size.rows).toBe(0);
});

test("of rows from before a view was there, those that can be counted are", () => {
  const store = new OnlineFeatureStore([view]);
  const rows = {
    known: [10, "soon", 20, 30, 40],
    late: [1, 1, "yes", 0, true],
    origin: ["A", "A", "A", "A", 5.5],
    destination: ["B", "B", "B", "B", "B"],
  };
  // Of five rows two fit no key, and one more has no origin; each key column counts for itself.
  expect(store.pushFitting("flights", rows)).toBe(2 + 2 + 1);
  expect(store.lookup("congestion", "origin_long", "A", 50)).toBe(0.5);
  expect(store.lookup("congestion", "destination_long", "B", 50)).toBe(Math.fround(2 / 3));
  expect(store.pushFitting("flights", { known: [50], late: [1], origin: ["A"] })).toBe(0 + 0 + 1);
  expect(store.lookup("congestion", "origin_long", "A", 50)).toBe(Math.fround(2 / 3));
});

test("bindings write features in order and name what is wrong", () => {
  const store = new OnlineFeatureStore([{ ...view, onMissing: "error" }]);
  store.push("flights", {
    known: [10, 20, 20],
    late: [1, 0, 0],
    origin: ["A", "A", "A"],
    destination: ["B", "B", "B"],
  });
  const flight = {
    kind: "request" as const,
    name: "flight",
    description: "",
    features: [
      { name: "distance", expression: { op: "column" as const, column: "distance" }, unit: "mile" },
      { name: "hour", expression: { op: "hour_of_day" as const, column: "local" }, unit: null },
      { name: "weekday", expression: { op: "day_of_week" as const, column: "local" }, unit: null },
    ],
  };
  const compiled = compileBindings(
    [flight, { ...view, onMissing: "error" }],
    [
      { input: "x0", view: "congestion", feature: "origin_long" },
      { input: "x1", view: "flight", feature: "distance" },
      { input: "x2", view: "flight", feature: "weekday" },
    ],
    store,
    [
      { revision: 1, column: "distance", factor: 0.5, offset: 1, from: 100 },
      { revision: 2, column: "distance", factor: 3, offset: 0, from: 200 },
    ],
  );
  expect(compiled.columns).toEqual([
    { name: "origin", type: "key" },
    { name: "t", type: "time" },
    { name: "distance", type: "number" },
    { name: "local", type: "time" },
  ]);
  const out = new Float32Array(8);
  const request = { origin: "A", t: 20, distance: 10, local: Date.UTC(2001, 5, 25, 23, 59) };
  compiled.compute(request, 99, out, 2);
  expect([...out.subarray(2, 5)]).toEqual([Math.fround(1 / 3), 10, 0]);
  compiled.compute(request, 100, out, 0);
  expect(out[1]).toBe(6);
  compiled.compute(request, 200, out, 0);
  expect(out[1]).toBe(30);
  compiled.compute({ ...request, distance: null }, 0, out, 0);
  expect(out[1]).toBeNaN();
  expect(() => compiled.compute({ ...request, origin: "Z" }, 0, out, 0, 7)).toThrow(/Row 7.*origin "Z"/);
  expect(() => compiled.compute({ ...request, distance: "far" }, 0, out, 0, 7)).toThrow(/Row 7.*"distance"/);
  expect(() => compiled.compute({ ...request, local: 1.5 }, 0, out, 0)).toThrow(/"local"/);
  expect(() => compiled.compute({ origin: "A", t: 20, local: 0 }, 0, out, 0)).toThrow(/"distance".*absent/);
  expect(() => compileBindings([flight], [{ input: "x", view: "flight", feature: "size" }], store)).toThrow(/size/);
});

test("hours and weekdays follow the calendar, also before 1970", () => {
  for (const ms of [
    0,
    -1,
    Date.UTC(2001, 0, 1),
    Date.UTC(1969, 11, 28, 5, 30),
    Date.UTC(2004, 1, 29, 23, 59, 59, 999),
  ]) {
    const date = new Date(ms);
    expect(hourOfDay(ms)).toBe(date.getUTCHours());
    expect(dayOfWeek(ms)).toBe((date.getUTCDay() + 6) % 7);
  }
});
