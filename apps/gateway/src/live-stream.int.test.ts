import { journalSegments, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "./start-gateway.ts";
import { flight, GatewayClient, until } from "./testing/gateway-client.ts";
import { recordsOf } from "./testing/read-journal.ts";
import { stumpModel, TestProject } from "./testing/test-project.ts";

const SECRET = "22".repeat(32);
/** The flight asked about departs at 20:00 on this day. */
const DAY = Date.UTC(2001, 0, 10);
const HOUR = 3_600_000;

let t: TestDatabase;
let project: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let now = DAY + 20.5 * HOUR;

beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
  await project.defineViews();
  await project.deploy({
    champion: await project.version(stumpModel(["hour", "weekday", "distance"], 2, 1000, -1, 2)),
  });
  await open();
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  project?.remove();
});

async function open(): Promise<void> {
  gateway = await startGateway({ home: project.home, database: t.db, secret: SECRET, now: () => now });
  client = new GatewayClient(gateway.port, (await project.token()).token);
}

const watermarks = () => recordsOf(project.home, project.scope.projectId, "w").map(({ t, by }) => [t, by]);
const said = (count: number) => until(async () => (watermarks().length >= count ? watermarks() : undefined));

test("the days of a live stream are closed by the gateway's clock, until a sender says how far it is complete", async () => {
  expect((await client.infer(flight({}, "live-1"))).status).toBe(200);
  // Somebody's clock is wrong.
  expect((await client.infer(flight({ departure_utc: Date.UTC(2100, 0, 1) }, "far-ahead"))).status).toBe(200);
  expect(await said(1)).toEqual([[DAY, "clock"]]);
  now = DAY + 24.3 * HOUR;
  expect((await said(2)).at(-1)).toEqual([DAY + 24 * HOUR, "clock"]);
  const sent = DAY + 26 * HOUR;
  expect((await client.post("/v1/watermark", { event_time: sent })).body).toEqual({ watermark: sent, moved: true });

  // Also after a restart, which knows it from the journal.
  await gateway.close();
  await open();
  now = DAY + 43 * HOUR;
  expect((await client.infer(flight({}, "live-2"))).status).toBe(200);
  const records = async () => {
    const rows = await withTenant(t.db, project.scope.teamId, (tx) => tx.select().from(journalSegments));
    return rows.reduce((sum, row) => sum + row.records, 0);
  };
  // The loop that seals a segment after a while is the one that would say a watermark.
  await until(async () => (await records()) >= 6);
  expect(watermarks()).toEqual([
    [DAY, "clock"],
    [DAY + 24 * HOUR, "clock"],
    [sent, undefined],
  ]);
});
