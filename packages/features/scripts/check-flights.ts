/**
 * Holds the online store against the offline features for every one of the 3 million flights, all four windows, float32 bit by
 * bit. Prints one JSON line; ends with 1 if any bit differs. Needs about 1.5 GiB and a minute.
 *
 *     node packages/features/scripts/check-flights.ts
 */
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { literal, openDuck } from "@ballast/datasets/server";
import type { TrailingShareView } from "@ballast/db";
import { offlineFeatures } from "../src/offline-features.ts";
import { OnlineFeatureStore } from "../src/online-store.ts";

const HOUR = 3_600_000;
const vega = createRequire(new URL("../../../apps/cli/package.json", import.meta.url)).resolve("vega-datasets");
const file = path.join(path.dirname(vega), "..", "data", "flights-3m.parquet");
const view: TrailingShareView = {
  kind: "trailing_share",
  name: "congestion",
  description: "",
  source: "flights",
  knownAt: "known_at",
  requestTime: "t",
  of: "late",
  features: ["origin", "destination"].flatMap((key) =>
    [3, 24].map((hours) => ({ name: `${key}_${hours}h`, key, windowMs: hours * HOUR })),
  ),
  onMissing: "null",
};

const duck = await openDuck({ memoryLimitMb: 1_200, threads: 2, tempDir: path.join(os.tmpdir(), "ballast-check") });
const result = await duck.session(async (session) => {
  await session.run(`CREATE TEMP TABLE flights AS SELECT row_number() OVER (ORDER BY date, file_row_number) AS row_id, epoch_ms(date) AS t, origin, destination,
      (delay >= 15)::INTEGER AS late, epoch_ms(date) + greatest(delay, 0) * 60000 + distance * 8000 + 1800000 AS known_at
    FROM read_parquet(${literal(file)}, file_row_number = true)`);
  let started = performance.now();
  const bindings = view.features.map(({ name }) => ({ input: name, view: view.name, feature: name }));
  const relations = { request: "flights", source: () => "flights", eventTime: "t" };
  const offline = await offlineFeatures(session, [view], bindings, relations);
  const offlineMs = performance.now() - started;
  const asked = await session.read("SELECT t, origin, destination FROM flights ORDER BY row_id");
  const pushed = await session.read(
    "SELECT known_at, origin, destination, late FROM flights ORDER BY known_at, row_id",
  );
  started = performance.now();
  const store = new OnlineFeatureStore([view]);
  const features = view.features.map(({ name }) => store.feature(view.name, name));
  const columns = ["origin", "origin", "destination", "destination"].map((key) => asked.texts(key) as string[]);
  const times = asked.numbers("t");
  const known = [...pushed.numbers("known_at")];
  const source = {
    origin: pushed.texts("origin"),
    destination: pushed.texts("destination"),
    late: [...pushed.numbers("late")],
  };
  let next = 0;
  let mismatches = 0;
  let bytes = 0;
  for (let i = 0; i < asked.rows; i++) {
    const t = times[i] as number;
    const from = next;
    while (next < known.length && (known[next] as number) <= t) next += 1;
    if (next > from)
      store.push("flights", {
        known_at: known.slice(from, next),
        origin: source.origin.slice(from, next),
        destination: source.destination.slice(from, next),
        late: source.late.slice(from, next),
      });
    if (i % 10_000 === 0) {
      store.evictBefore(t - 24 * HOUR);
      bytes = Math.max(bytes, store.size.bytes);
    }
    for (const [j, feature] of features.entries()) {
      const online = feature.share(columns[j]?.[i] as string, t);
      if (!Object.is(online, offline[j]?.[i])) mismatches += 1;
    }
  }
  return { rows: asked.rows, mismatches, offlineMs, onlineMs: performance.now() - started, storeBytes: bytes };
});
duck.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.mismatches === 0 ? 0 : 1;
