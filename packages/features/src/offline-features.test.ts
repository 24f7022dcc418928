import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duck, openDuck } from "@ballast/datasets/server";
import type { FeatureBinding, FeatureViewDefinition, TrailingShareView } from "@ballast/db";
import { BIGINT, DOUBLE, INTEGER, VARCHAR } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileBindings } from "./bindings.ts";
import { offlineFeatures } from "./offline-features.ts";
import { OnlineFeatureStore } from "./online-store.ts";
import { random } from "./seeded-random.ts";

let duck: Duck;
const folder = mkdtempSync(join(tmpdir(), "ballast-features-"));
beforeAll(async () => {
  duck = await openDuck({ memoryLimitMb: 512, threads: 2, tempDir: folder });
});
afterAll(() => {
  duck.close();
  rmSync(folder, { recursive: true, force: true });
});

const share: TrailingShareView = {
  kind: "trailing_share",
  name: "share",
  description: "",
  source: "events",
  knownAt: "known",
  requestTime: "asked",
  of: "late",
  features: [
    { name: "short", key: "place", windowMs: 7 },
    { name: "long", key: "place", windowMs: 60 },
    { name: "number", key: "code", windowMs: 25 },
  ],
  onMissing: "null",
};
const views: FeatureViewDefinition[] = [
  share,
  {
    kind: "request",
    name: "row",
    description: "",
    features: [
      { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
      { name: "hour", expression: { op: "hour_of_day", column: "local" }, unit: null },
      { name: "weekday", expression: { op: "day_of_week", column: "local" }, unit: null },
    ],
  },
];
const bindings: FeatureBinding[] = [
  ["share", "long"],
  ["row", "distance"],
  ["share", "short"],
  ["row", "hour"],
  ["share", "number"],
  ["row", "weekday"],
  ["share", "long"],
].map(([view, feature], i) => ({ input: `x${i}`, view: view as string, feature: feature as string }));
const conversions = [
  { revision: 1, column: "distance", factor: 0.621371192237334, offset: 0, from: 300 },
  { revision: 2, column: "distance", factor: 1.1, offset: -3.7, from: 700 },
];

test.each([1, 2, 3, 4, 5])("online and offline give the same bits, ties and nulls included: seed %i", async (seed) => {
  const next = random(seed);
  const pick = <T>(n: number, value: () => T) => Array.from({ length: n }, value);
  const n = 3_000;
  const place = () => (next() < 0.02 ? null : `P${Math.floor(next() * 6)}`);
  const events = {
    known: pick(n, () => Math.floor(next() * 1_000)),
    late: pick(n, () => (next() < 0.3 ? 1 : 0)),
    place: pick(n, place),
    code: pick(n, () => Math.floor(next() * 4)),
  };
  const asked = {
    row_id: Array.from({ length: n }, (_, i) => i),
    asked: pick(n, () => Math.floor(next() * 1_050) - 20),
    place: pick(n, place),
    code: pick(n, () => Math.floor(next() * 5)),
    distance: pick(n, () => (next() < 0.05 ? null : (next() - 0.3) * 3_000)),
    local: pick(n, () => Math.floor((next() - 0.2) * 2e12)),
    conv: pick(n, () => Math.floor(next() * 3)),
  };
  const big = (values: (number | null)[]) => values.map((v) => (v === null ? null : BigInt(v)));
  const offline = await duck.session(async (session) => {
    // The key is DOUBLE in one table and BIGINT in the other, as files of a log may be.
    await session.run("CREATE TEMP TABLE events (known BIGINT, late INTEGER, place VARCHAR, code DOUBLE)");
    await session.append(
      "events",
      [BIGINT, INTEGER, VARCHAR, DOUBLE],
      [big(events.known), events.late, events.place, events.code],
    );
    await session.run(
      "CREATE TEMP TABLE asked (row_id BIGINT, asked BIGINT, place VARCHAR, code BIGINT, distance DOUBLE, local BIGINT, conv INTEGER)",
    );
    await session.append(
      "asked",
      [BIGINT, BIGINT, VARCHAR, BIGINT, DOUBLE, BIGINT, INTEGER],
      [big(asked.row_id), big(asked.asked), asked.place, big(asked.code), asked.distance, big(asked.local), asked.conv],
    );
    return offlineFeatures(session, views, bindings, {
      request: "asked",
      source: (name) => name,
      eventTime: "asked",
      conversions,
      revision: "conv",
    });
  });
  const store = new OnlineFeatureStore([share]);
  store.push("events", events);
  const compiled = [0, 1, 2].map((revision) =>
    compileBindings(
      views,
      bindings,
      store,
      conversions.filter((c) => c.revision <= revision),
    ),
  );
  const online = new Float32Array(n * bindings.length);
  const row = (i: number) => ({
    asked: asked.asked[i],
    place: asked.place[i],
    code: asked.code[i],
    distance: asked.distance[i],
    local: asked.local[i],
  });
  for (let i = 0; i < n; i++)
    compiled[asked.conv[i] as number]?.compute(row(i), asked.asked[i] as number, online, i * bindings.length, i);
  const bits = new Uint32Array(online.buffer);
  let missing = 0;
  for (let j = 0; j < bindings.length; j++) {
    const column = offline[j] as Float32Array;
    const own = new Uint32Array(column.buffer, column.byteOffset, n);
    for (let i = 0; i < n; i++) {
      if (Number.isNaN(column[i])) missing += 1;
      if (own[i] !== bits[i * bindings.length + j])
        expect.fail(`row ${i}, x${j}: offline ${column[i]}, online ${online[i * bindings.length + j]}`);
    }
  }
  expect(missing).toBeGreaterThan(100);
});
