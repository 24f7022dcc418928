import fs from "node:fs";
import http from "node:http";
import type net from "node:net";
import os from "node:os";
import path from "node:path";
import { createAppRouter, handleTrpc } from "@ballast/api";
import { ArtifactStore } from "@ballast/artifacts";
import { newId } from "@ballast/core";
import { datasets, incidents, trainingJobs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { verifyToken } from "@ballast/governance/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, createApi } from "./api-client.ts";
import { createDemoTeam } from "./bootstrap.ts";
import { CONGESTION_PIPELINE, CONGESTION_VIEW, DATASET, DEPLOYMENT, FLIGHT_VIEW } from "./definitions.ts";
import type { DemoState } from "./demo-state.ts";
import { happen } from "./happenings.ts";
import { SHORT_STORY } from "./story.ts";

const root = path.join(import.meta.dirname, "..", "..", "..", "..");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-happenings-"));
let t: TestDatabase;
let server: http.Server;
let state: DemoState;
let api: Api;
let tenant: { teamId: string; projectId: string };

/** The API as the web app serves it, with the plugins that the worker has. */
async function serve(): Promise<string> {
  const host = await import(path.join(root, "packages", "marketplace", "src", "plugin-host.ts"));
  const plugins = await host.openPluginHost({ folders: [path.join(root, "plugins")] });
  const router = createAppRouter({ artifacts: new ArtifactStore(folder), plugins });
  server = http.createServer(async (asked, answer) => {
    const body = Buffer.concat(await asked.toArray());
    const { method = "GET", url = "/" } = asked;
    const headers = asked.headers as Record<string, string>;
    const request = new Request(`http://127.0.0.1${url}`, { method, headers, ...(body.length > 0 ? { body } : {}) });
    const response = await handleTrpc(request, "/api/trpc", router, async () => {
      const token = await verifyToken(t.db, headers.authorization?.replace("Bearer ", "") ?? "");
      return { db: t.db, identity: token && { kind: "token", token }, requestId: "test" };
    });
    answer.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
}

beforeAll(async () => {
  t = await testDatabase();
  state = await createDemoTeam(t.appUrl, "a password for a test", "short");
  const token = await verifyToken(t.db, state.token);
  if (!token) throw new Error("unreachable: it was made just now");
  tenant = { teamId: token.teamId, projectId: token.projectId };
  api = createApi(await serve(), state.token);
  await withTenant(t.db, tenant.teamId, (tx) =>
    tx.insert(datasets).values({ ...tenant, id: newId("dataset"), name: DATASET }),
  );
  const where = { team: state.team, project: state.project };
  for (const definition of [FLIGHT_VIEW, CONGESTION_VIEW]) await api.feature.define.mutate({ ...where, definition });
  const deployment = { name: DEPLOYMENT, modelName: DEPLOYMENT, sloMs: 25, deadlineMs: 1_000 };
  await api.deployment.create.mutate({ ...where, deployment });
  await api.training.definePipeline.mutate({ ...where, pipeline: CONGESTION_PIPELINE });
});
afterAll(async () => {
  server.close();
  await t.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** What a midnight brings, and what of it was written down. */
async function midnight(now: number): Promise<DemoState["asked"][]> {
  const kept: DemoState["asked"][] = [];
  const keep = () => kept.push({ ...state.asked });
  await happen({ api, state, story: SHORT_STORY, now, say: () => {}, keep });
  return kept;
}

test("what was done by a process that was killed before it knew is found, not done again", async () => {
  const [first] = await midnight(SHORT_STORY.congestionAt);
  expect(first).toEqual({ congestion: expect.stringMatching(/^trn_/) });
  state.asked = {};
  expect(await midnight(SHORT_STORY.congestionAt)).toEqual([first]);
  expect(await midnight(SHORT_STORY.congestionAt)).toEqual([]);
  const jobs = await withTenant(t.db, tenant.teamId, (tx) => tx.select({ id: trainingJobs.id }).from(trainingJobs));
  expect(jobs).toEqual([{ id: first?.congestion }]);
});

test("a conversion that was accepted is not looked for any longer; one that was dismissed is no conversion", async () => {
  const since = new Date(SHORT_STORY.kilometresFrom);
  const proposal = { column: "distance", declaredUnit: "mile", receivedUnit: "kilometre", factor: 0.62, offset: 0 };
  const incident = (id: string, ended: "resolved" | "dismissed") => ({
    ...{ ...tenant, id, kind: "unit_change" as const, deploymentId: "dep_1", title: "kilometres", dedupeKey: id },
    ...{ state: ended, evidence: {}, since, openedEventTime: since },
    proposal: { ...proposal, from: since.toISOString(), candidates: [] },
  });
  const insert = (row: ReturnType<typeof incident>) =>
    withTenant(t.db, tenant.teamId, (tx) => tx.insert(incidents).values(row));
  await insert(incident("inc_1", "dismissed"));
  expect(await midnight(SHORT_STORY.kilometresFrom)).toEqual([]);
  await insert(incident("inc_2", "resolved"));
  expect(await midnight(SHORT_STORY.kilometresFrom)).toMatchObject([{ conversion: "inc_2" }]);
});
