import { withTenant } from "@ballast/db";
import type { TestDatabase } from "@ballast/db/testing";
import { buildPyramids, metricChart } from "@ballast/experiments/server";
import { median } from "../benchmark.ts";
import { type OwnPlace, seedOwnHistory } from "./seed.ts";

const RUNS = 100;
const POINTS = 100_000;
const KEY = "train_loss";
const SPIKE = 1_000;
const SPIKED = 37;
const SPIKE_STEP = 77_777;

export interface ChartFigures {
  /** Milliseconds from the question to the answer as JSON: the first time, and the median of the next five. */
  ms: number;
  firstMs: number;
  bytes: number;
  spikeKept: boolean;
  buildSeconds: number;
}

/** A chart of 100 runs of 100,000 points, one of them with one point far off: how long until a page has its data. */
export async function measureChart(
  t: TestDatabase,
  place: OwnPlace,
  runIds: string[],
  say: (line: string) => void,
): Promise<ChartFigures> {
  say(`Writing ${RUNS} histories of ${POINTS.toLocaleString("en")} points …`);
  const charted = runIds.slice(0, RUNS);
  for (const id of charted) await seedOwnHistory(place, id, KEY, POINTS);
  const { teamId, projectId } = place;
  await place.database.sql.unsafe(
    `update metric_points set value = ${SPIKE} where step = ${SPIKE_STEP} and series = (select no from metric_series where run_id = $1 and key = $2)`,
    [charted[SPIKED] ?? "", KEY],
  );
  await place.database.sql.unsafe("update metric_series set greatest = $2 where run_id = $1", [
    charted[SPIKED] ?? "",
    SPIKE,
  ]);
  await place.database.sql.unsafe("analyze metric_points, metric_series");
  say("Rolling them up …");
  const started = performance.now();
  while (await buildPyramids(t.db));
  const buildSeconds = (performance.now() - started) / 1000;
  const scope = { teamId, projectId, actor: { type: "platform", id: "platform", name: "platform" } as const };
  const ask = async () => {
    const before = performance.now();
    const charts = await withTenant(t.db, teamId, (tx) =>
      metricChart(tx, scope, { runIds: charted, key: KEY, buckets: 500 }),
    );
    const json = JSON.stringify(charts);
    return { ms: performance.now() - before, charts, bytes: json.length };
  };
  const first = await ask();
  const times: number[] = [];
  for (let i = 0; i < 5; i++) times.push((await ask()).ms);
  const spikeKept = first.charts.some(({ runId, greatest }) => runId === charted[SPIKED] && greatest.includes(SPIKE));
  return { ms: median(times), firstMs: first.ms, bytes: first.bytes, spikeKept, buildSeconds };
}
