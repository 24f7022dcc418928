import { DAY_MS, type Scope } from "@ballast/core";
import { compactSegment, conversionRules, windowRows } from "@ballast/datasets/server";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { conversions, deployments, incidents, projects, type Tx, trainingPipelines, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { trainingSet } from "@ballast/features/server";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildReference } from "./build-reference.ts";
import { closeWindows } from "./close-windows.ts";
import type { MonitoringDeps } from "./deps.ts";
import { CHAMPION, DEPLOYMENT, flightProject, pushedFlights, STREAM_FROM, sampledFlights } from "./flight-days.ts";
import { acceptConversion, openUnitIncidents } from "./incidents.ts";
import { openPlugins } from "./open-plugins.ts";
import { processWindow } from "./process-window.ts";

type Record_ = Parameters<SampleJournal["seal"]>[1][number];
/** Who sends `distance`: requests to two deployments, rows pushed to the source that trains each. */
type Sender = typeof DEPLOYMENT | "dep_partner" | "flights" | "partner";

const day = (n: number) => STREAM_FROM + n * DAY_MS;
const KILOMETRES_PER_MILE = 1.609344;
/** From when on each sends kilometres. */
const KILOMETRES: Record<Sender, number> = {
  [DEPLOYMENT]: day(1),
  flights: day(2),
  dep_partner: day(4),
  partner: day(4),
};

let database: TestDatabase;
let journal: SampleJournal;
let deps: MonitoringDeps;
let scope: Scope;
const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(database.db, scope.teamId, fn);

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  deps = { ...journal.deps, plugins: await openPlugins() };
  scope = await database.newScope();
  await flightProject(journal, scope);
  await inTenant(async (tx) => {
    const own = { teamId: scope.teamId, projectId: scope.projectId };
    const [pipeline] = await tx.select().from(trainingPipelines);
    if (!pipeline) throw new Error("There is no pipeline.");
    await tx.insert(trainingPipelines).values({
      ...{ ...pipeline, id: "pip_partner", name: "partner" },
      spec: { ...pipeline.spec, deploymentName: "partner", source: "partner" },
    });
    await tx.insert(deployments).values({
      ...{ ...own, id: "dep_partner", name: "partner", modelId: "mdl" },
      routing: { champion: CHAMPION, candidate: null, shadows: [], salt: "s" },
    });
  });
  for (const deploymentId of [DEPLOYMENT, "dep_partner"])
    await buildReference(deps, scope, { deploymentId, versionId: CHAMPION });
}, 240_000);
afterAll(async () => {
  journal.close();
  await database.close();
});

const sent = (by: Sender, t: number, miles: number) => (t >= KILOMETRES[by] ? miles * KILOMETRES_PER_MILE : miles);

/** Rows of the flights whose outcome was known on a day. */
async function pushedBy(source: "flights" | "partner", n: number): Promise<Record_[]> {
  return (await pushedFlights(journal, day(n), day(n + 1))).map((push) => {
    if (push.k !== "f") throw new Error("That is no push.");
    const times = push.cols.departure as number[];
    const distance = (push.cols.distance as number[]).map((miles, i) => sent(source, times[i] as number, miles));
    return { ...push, source, push: `${source}_${push.push}`, cols: { ...push.cols, distance } };
  });
}

/** A day of both deployments and both sources, and the windows it closes. */
async function play(n: number): Promise<void> {
  const flights = await sampledFlights(journal, day(n), day(n + 1));
  const predictions = ([DEPLOYMENT, "dep_partner"] as const).flatMap((dep) =>
    flights.map((flight): Record_ => {
      const id = `${dep}_${flight.id}`;
      const distance = sent(dep, flight.t, flight.distance);
      return {
        ...{ k: "p", id, rid: id, row: 0, t: flight.t, at: flight.t, dep, v: CHAMPION, role: "champion", conv: 0 },
        ...{ rt: 1, us: 400, req: { departure: flight.t, distance }, f: [0, 0, Math.fround(distance)], y: 0.2 },
      };
    }),
  );
  // The partner pushes the outcomes of a day a day later.
  const pushed = [...(await pushedBy("flights", n)), ...(await pushedBy("partner", n - 1))];
  const watermark = day(n + 1);
  const sealed = await journal.seal(scope, [...pushed, ...predictions, { k: "w", t: watermark, at: watermark }]);
  await compactSegment(journal.deps, scope, sealed);
  const closed = await inTenant(async (tx) => {
    await tx
      .update(projects)
      .set({ watermark: new Date(watermark) })
      .where(eq(projects.id, scope.projectId));
    return closeWindows(tx, scope, watermark);
  });
  for (const window of closed) await processWindow(deps, scope, window.id);
}

/** Accepts the one open incident; its title without the count. */
async function acceptOne(): Promise<string> {
  const open = await inTenant((tx) => openUnitIncidents(tx, scope));
  expect(open).toHaveLength(1);
  const [{ incidentId, title }] = open as [(typeof open)[number]];
  await inTenant((tx) => acceptConversion(tx, scope, { incidentId }));
  return title.replace(/, n=.*/, "");
}

const rulesOf = async (reader: Parameters<typeof conversionRules>[2]) =>
  (await conversionRules(deps, scope, reader)).map(({ revision }) => revision);

/** Mean miles of a day as the pipeline of a source would train on it. */
async function trainedMean(source: "flights" | "partner", n: number): Promise<number> {
  const pipelines = await inTenant((tx) => tx.select().from(trainingPipelines));
  const pipeline = pipelines.find(({ spec }) => spec.source === source);
  if (!pipeline) throw new Error("There is no pipeline.");
  const range = { from: day(n), to: day(n + 1), asOf: day(n + 1), blockedRanges: [] };
  const set = await trainingSet(deps, scope, { spec: pipeline.spec, ...range });
  const own = [...(set.features[2] ?? [])].filter((_, i) => (set.times[i] as number) >= day(n));
  return own.reduce((sum, value) => sum + value, 0) / own.length;
}

/** Mean of the same rows as they are. */
async function milesMean(n: number): Promise<number> {
  const miles = (await pushedFlights(journal, day(n), day(n + 1))).flatMap((push) => {
    if (push.k !== "f") throw new Error("That is no push.");
    const { departure, distance, known_at } = push.cols as Record<string, number[]>;
    const counts = (i: number) => (departure?.[i] as number) >= day(n) && (known_at?.[i] as number) > day(n);
    return (distance ?? []).filter((_, i) => counts(i));
  });
  return miles.reduce((sum, value) => sum + value, 0) / miles.length;
}

const reachOf = async (revision: number) =>
  (await inTenant((tx) => tx.select().from(conversions))).find((row) => row.revision === revision)?.appliesTo;

test("the conversion of one deployment's requests leaves everybody else's values alone, also a source that follows a day later", async () => {
  for (const n of [0, 1, 2]) await play(n);
  expect(await acceptOne()).toBe("`distance` is now in kilometres (declared: miles), since 2001-02-02 00:00 UTC");
  expect(await reachOf(1)).toEqual({ deployments: [DEPLOYMENT], sources: [] });
  const [own, other] = await Promise.all(
    [DEPLOYMENT, "dep_partner"].map(async (id) => (await windowRows(deps, scope, id, day(1), day(2))).request.distance),
  );
  (own as Float64Array).forEach((miles, i) => {
    expect(miles).toBeCloseTo((other as Float64Array)[i] as number, 6);
  });
  expect(await rulesOf({ source: "flights" })).toEqual([]);
});

test("what such a source sends is a change of its own, since it began, and accepting that mends training", async () => {
  await play(3);
  expect(await acceptOne()).toBe(
    "`distance` pushed to `flights` is now in kilometres (declared: miles), since 2001-02-03 00:00 UTC",
  );
  expect(await rulesOf({ source: "flights" })).toEqual([2]);
  expect(await rulesOf({ deployment: DEPLOYMENT })).toEqual([1]);
  for (const n of [1, 2, 3]) expect(await trainedMean("flights", n)).toBeCloseTo(await milesMean(n), 3);
});

test("a source whose rows come later is taken in while the incident is open, and nothing is left to say", async () => {
  await play(4);
  const [before] = await inTenant((tx) => tx.select().from(incidents).where(eq(incidents.state, "open")));
  expect(before?.proposal?.appliesTo).toEqual({ deployments: ["dep_partner"], sources: [] });
  await play(5);
  expect(await acceptOne()).toBe("`distance` is now in kilometres (declared: miles), since 2001-02-05 00:00 UTC");
  expect(await reachOf(3)).toEqual({ deployments: ["dep_partner"], sources: ["partner"] });
  for (const source of ["flights", "partner"] as const)
    expect(await trainedMean(source, 4)).toBeCloseTo(await milesMean(4), 3);
  await play(6);
  const all = await inTenant((tx) => tx.select().from(incidents).orderBy(asc(incidents.createdAt)));
  expect(all.map(({ deploymentId, state }) => [deploymentId, state])).toEqual([
    [DEPLOYMENT, "resolved"],
    [DEPLOYMENT, "resolved"],
    ["dep_partner", "resolved"],
  ]);
});
