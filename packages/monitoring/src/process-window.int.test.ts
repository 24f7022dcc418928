import { DAY_MS, HOUR_MS, isoDay, type Scope } from "@ballast/core";
import { type SampleJournal, sampleJournal } from "@ballast/datasets/testing";
import { domainEvents, findings, incidents, monitorWindows, performanceDays, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { asc } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildReference } from "./build-reference.ts";
import { closeWindows } from "./close-windows.ts";
import type { MonitoringDeps } from "./deps.ts";
import { distribution } from "./distribution.ts";
import { CHAMPION, DEPLOYMENT, flightProject, STREAM_FROM, sampledFlights, stream } from "./flight-days.ts";
import { heatMap } from "./heat-map.ts";
import { acceptConversion, openUnitIncidents } from "./incidents.ts";
import { openPlugins } from "./open-plugins.ts";
import { monitoringOverview } from "./overview.ts";
import { performanceOverTime } from "./performance-series.ts";
import { processWindow } from "./process-window.ts";
import { readReference } from "./reference.ts";

let database: TestDatabase;
let journal: SampleJournal;
let deps: MonitoringDeps;
let scope: Scope;
const day = (n: number) => STREAM_FROM + n * DAY_MS;
const KILOMETRES = day(2) + 15 * HOUR_MS;
const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(database.db, scope.teamId, fn);

async function closeAndProcess(watermark: number): Promise<number[]> {
  const closed = await inTenant((tx) => closeWindows(tx, scope, watermark));
  const took: number[] = [];
  for (const window of closed) {
    const started = performance.now();
    expect(await processWindow(deps, scope, window.id)).toBe(true);
    took.push(performance.now() - started);
  }
  return took;
}
const eventNames = async () =>
  (await inTenant((tx) => tx.select().from(domainEvents).orderBy(asc(domainEvents.id)))).map((event) => event.name);

beforeAll(async () => {
  database = await testDatabase();
  journal = await sampleJournal(database);
  deps = { ...journal.deps, plugins: await openPlugins() };
  scope = await database.newScope();
  await flightProject(journal, scope);
}, 240_000);
afterAll(async () => {
  journal.close();
  await database.close();
});

test("the first champion's training data become the reference, with limits that a day of them keeps", async () => {
  const started = performance.now();
  const { built } = await buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: CHAMPION });
  process.stderr.write(`reference of January: ${(performance.now() - started).toFixed(0)} ms\n`);
  expect(built).toEqual(["distance", "flight.hour", "flight.weekday", "flight.distance", "prediction", "outcome"]);
  expect(await buildReference(deps, scope, { deploymentId: DEPLOYMENT, versionId: CHAMPION })).toEqual({
    built: [],
    kept: expect.arrayContaining(built),
  });
  const reference = await inTenant((tx) => readReference(tx, scope, DEPLOYMENT));
  const distance = reference.find(({ column }) => column === "distance");
  expect(distance).toMatchObject({ role: "request", unit: "mile", kind: "numeric" });
  const whole = distance?.limits.ks?.at(-1);
  expect(whole?.blocks).toBeGreaterThanOrEqual(30);
  expect(whole?.limit).toBeGreaterThan(0.02);
  expect(whole?.limit).toBeLessThan(0.1);
  expect(reference.find(({ column }) => column === "prediction")?.profile).toMatchObject({
    min: 0.125,
    max: expect.closeTo(0.25, 6),
  });
});

test("closed days are processed once: counted, compared, recomputed, and the day before scored", async () => {
  for (let n = 0; n < 2; n++) {
    const shadow = { version: "mv_shadow", score: (flight: { late: number }) => 0.1 + 0.8 * flight.late };
    await stream(journal, scope, await sampledFlights(journal, day(n), day(n + 1)), day(n + 1), { shadow });
  }
  const took = await closeAndProcess(day(2) + HOUR_MS);
  process.stderr.write(`windows processed in ${took.map((ms) => ms.toFixed(0)).join(", ")} ms\n`);
  expect(await inTenant((tx) => closeWindows(tx, scope, day(2) + HOUR_MS))).toEqual([]);
  const windows = await inTenant((tx) => tx.select().from(monitorWindows).orderBy(asc(monitorWindows.from)));
  expect(windows.map(({ from, state }) => [isoDay(+from), state])).toEqual([
    ["2001-02-01", "processed"],
    ["2001-02-02", "processed"],
  ]);
  const flights = await sampledFlights(journal, day(0), day(1));
  expect(windows[0]?.tally).toMatchObject({
    predictions: flights.length,
    rowsChecked: flights.length,
    mismatches: 0,
    versions: { [CHAMPION]: { served: flights.length }, mv_shadow: { shadow: flights.length } },
  });
  expect(await processWindow(deps, scope, windows[0]?.id ?? "")).toBe(false);
  const scored = await inTenant((tx) => tx.select().from(performanceDays));
  expect(scored.map(({ versionId, champion }) => [versionId, champion]).sort()).toEqual([
    [CHAMPION, true],
    ["mv_shadow", false],
  ]);
  const champion = scored.find(({ versionId }) => versionId === CHAMPION);
  const lateShare = flights.reduce((sum, flight) => sum + flight.late, 0) / flights.length;
  expect(champion?.meanOutcome).toBeCloseTo(lateShare, 2);
  expect(champion?.auc).toBeGreaterThan(0.5);
  expect(scored.find(({ versionId }) => versionId === "mv_shadow")).toMatchObject({ auc: 1, n: champion?.n });
  expect(await inTenant((tx) => tx.select().from(incidents))).toEqual([]);
  const found = await inTenant((tx) => tx.select().from(findings));
  expect(found.filter(({ column, drifted }) => column === "distance" && drifted)).toEqual([]);
  expect(found.some(({ column }) => column === "outcome")).toBe(true);
  expect((await eventNames()).filter((name) => name.startsWith("window"))).toEqual([
    "window.closed",
    "window.closed",
    "window.processed",
    "window.processed",
  ]);
});

test("kilometres from the middle of a day are named, with the hour, and folded into one incident", async () => {
  for (let n = 2; n < 4; n++) {
    const flights = await sampledFlights(journal, day(n), day(n + 1));
    await stream(journal, scope, flights, day(n + 1), { kilometresFrom: KILOMETRES });
    await closeAndProcess(day(n + 1));
  }
  const [incident, ...more] = await inTenant((tx) => tx.select().from(incidents));
  expect(more).toEqual([]);
  expect(incident?.title).toMatch(/^`distance` is now in kilometres \(declared: miles\), since 2001-02-03 1[45]:/);
  expect(incident).toMatchObject({ state: "open", openedEventTime: new Date(day(3)) });
  expect(Math.abs(+(incident?.since ?? 0) - KILOMETRES)).toBeLessThan(10 * 60_000);
  expect(incident?.proposal).toMatchObject({ column: "distance", receivedUnit: "kilometre", declaredUnit: "mile" });
  expect(incident?.proposal?.factor).toBeCloseTo(0.621371192, 9);
  expect(incident?.evidence).toMatchObject({ windows: 2 });
  const [blocked] = await inTenant((tx) => openUnitIncidents(tx, scope));
  expect(blocked).toMatchObject({ incidentId: incident?.id, column: "distance", from: incident?.since, to: null });
  const overview = await inTenant((tx) => monitoringOverview(tx, scope, "flight-late"));
  expect(overview.verdict.state).toBe("broken");
  expect(overview.verdict.remedies[0]).toMatchObject({ kind: "accept_conversion", incidentId: incident?.id });
});

test("once the conversion is accepted, readers see miles again and the next day is quiet", async () => {
  const [incident] = await inTenant((tx) => openUnitIncidents(tx, scope));
  await inTenant((tx) => acceptConversion(tx, scope, { incidentId: incident?.incidentId ?? "" }));
  const flights = await sampledFlights(journal, day(4), day(5));
  await stream(journal, scope, flights, day(5), { kilometresFrom: KILOMETRES, conv: 1 });
  await closeAndProcess(day(5));
  expect(await inTenant((tx) => openUnitIncidents(tx, scope))).toEqual([]);
  const map = await inTenant((tx) => heatMap(tx, scope, { deployment: "flight-late", range: {} }));
  const cells = map.rows.find(({ column }) => column === "distance")?.cells ?? [];
  expect(cells.map(({ day: of, drifted }) => [of, drifted])).toEqual([
    ["2001-02-01", false],
    ["2001-02-02", false],
    ["2001-02-03", true],
    ["2001-02-04", true],
    ["2001-02-05", false],
  ]);
  const shown = await inTenant((tx) =>
    distribution(tx, scope, { deployment: DEPLOYMENT, column: "distance", day: "2001-02-04" }),
  );
  expect(shown.statistics.map(({ test: id }) => id)).toEqual([
    "jensen-shannon",
    "ks",
    "psi",
    "unit-change",
    "wasserstein",
  ]);
  expect(shown.cells.reduce((sum, cell) => sum + cell.current, 0)).toBeCloseTo(1, 12);
  const { series } = await inTenant((tx) => performanceOverTime(tx, scope, { deployment: DEPLOYMENT, range: {} }));
  expect(series.find(({ versionId }) => versionId === CHAMPION)?.days.map((point) => point.day)).toEqual(
    [0, 1, 2, 3].map((n) => isoDay(day(n))),
  );
});

test("a repaired sender under the accepted conversion is named as such, and accepting that ends it", async () => {
  const repaired = day(5) + 12 * HOUR_MS;
  const flights = await sampledFlights(journal, day(5), day(6));
  const before = flights.filter((flight) => flight.t < repaired);
  const after = flights.filter((flight) => flight.t >= repaired);
  await stream(journal, scope, before, day(5) + 12 * HOUR_MS, { kilometresFrom: KILOMETRES, conv: 1 });
  await stream(journal, scope, after, day(6));
  await closeAndProcess(day(6));
  const [incident] = await inTenant((tx) => openUnitIncidents(tx, scope));
  expect(incident?.title).toMatch(
    /^`distance` is back in miles: the accepted conversion now distorts it, since 2001-02-06 12:00/,
  );
  await inTenant((tx) => acceptConversion(tx, scope, { incidentId: incident?.incidentId ?? "" }));
  await stream(journal, scope, await sampledFlights(journal, day(6), day(7)), day(7));
  await closeAndProcess(day(7));
  expect(await inTenant((tx) => openUnitIncidents(tx, scope))).toEqual([]);
  const overview = await inTenant((tx) => monitoringOverview(tx, scope, "flight-late"));
  expect(overview.drifted.map(({ column }) => column)).not.toContain("distance");
});

test("two workers at one window leave one result; a day without predictions is processed too", async () => {
  const [window] = await inTenant((tx) => closeWindows(tx, scope, day(8)));
  const id = window?.id ?? "";
  const results = await Promise.all([processWindow(deps, scope, id), processWindow(deps, scope, id)]);
  expect(results.filter(Boolean)).toHaveLength(1);
  const processed = (await eventNames()).filter((name) => name === "window.processed");
  expect(processed).toHaveLength(8);
  await expect(processWindow(deps, scope, "win_none")).rejects.toMatchObject({ code: "not_found" });
});

test("a failed attempt is counted and leaves nothing behind; the next one succeeds", async () => {
  const [window] = await inTenant((tx) => closeWindows(tx, scope, day(9)));
  const id = window?.id ?? "";
  const broken: MonitoringDeps = {
    ...deps,
    plugins: {
      driftTests: () => {
        throw new Error("the plugin host is gone");
      },
    },
  };
  await expect(processWindow(broken, scope, id)).rejects.toThrow("the plugin host is gone");
  const state = async () => (await inTenant((tx) => tx.select().from(monitorWindows))).find((row) => row.id === id);
  expect(await state()).toMatchObject({ state: "closed", attempts: 1, tally: null });
  expect(await processWindow(deps, scope, id)).toBe(true);
  expect(await state()).toMatchObject({ state: "processed", attempts: 2 });
});

test("a day of a few predictions has its statistics and no verdict, and says so", async () => {
  const flights = (await sampledFlights(journal, day(9), day(10))).slice(0, 20);
  await stream(journal, scope, flights, day(10));
  await closeAndProcess(day(10));
  const shown = await inTenant((tx) =>
    distribution(tx, scope, { deployment: DEPLOYMENT, column: "distance", day: isoDay(day(9)) }),
  );
  for (const statistic of shown.statistics)
    expect(statistic).toMatchObject({ drifted: false, limit: null, tooFewFor: 30, n: { current: 20 } });
  const overview = await inTenant((tx) => monitoringOverview(tx, scope, "flight-late"));
  expect(overview.window).toMatchObject({ predictions: 20, tooFewFor: 30 });
  const range = { from: isoDay(day(9)), to: isoDay(day(9)) };
  const map = await inTenant((tx) => heatMap(tx, scope, { deployment: DEPLOYMENT, range }));
  expect(map.rows.find(({ column }) => column === "distance")?.cells).toMatchObject([
    { ratio: null, n: 20, tooFewFor: 30 },
  ]);
  expect(map.earlier).toBe(isoDay(day(8)));
  const later = { from: isoDay(day(30)), to: isoDay(day(31)) };
  expect((await inTenant((tx) => heatMap(tx, scope, { deployment: DEPLOYMENT, range: later }))).earlier).toBe(
    isoDay(day(9)),
  );
});
