import { DAY_MS, HOUR_MS, newId, type Scope } from "@ballast/core";
import { segmentContents } from "@ballast/datasets/testing";
import {
  auditEvents,
  conversions,
  deployments,
  domainEvents,
  incidents,
  journalSegments,
  monitorWindows,
  projects,
  rollouts,
  type Tx,
  withTenant,
} from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createToken, signUp, verifyToken } from "@ballast/governance/server";
import { createCallerFactory, type Identity, router } from "@ballast/governance/trpc";
import { asc, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeWindows } from "./close-windows.ts";
import {
  acceptConversion,
  dismissIncident,
  listIncidents,
  openUnitIncidents,
  withdrawConversion,
} from "./incidents.ts";
import { monitoringRouter } from "./router.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const SINCE = Date.UTC(2001, 5, 5);
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const owned = ({ teamId, projectId }: Scope) => ({ teamId, projectId });

async function openIncident(scope: Scope, withProposal = true): Promise<string> {
  const id = newId("incident");
  await inTenant(scope, async (tx) => {
    await tx
      .update(projects)
      .set({ watermark: new Date(SINCE + DAY_MS) })
      .where(eq(projects.id, scope.projectId));
    await tx.insert(incidents).values({
      ...owned(scope),
      ...{ id, kind: "unit_change", deploymentId: "dep_1", title: "`distance` is now in kilometres", state: "open" },
      ...{ dedupeKey: "unit_change:dep_1:distance", evidence: { rows: 1_728 } },
      proposal: withProposal
        ? {
            ...{ column: "distance", declaredUnit: "mile", receivedUnit: "kilometre", factor: 0.621371192, offset: 0 },
            ...{ from: new Date(SINCE).toISOString(), candidates: [] },
          }
        : null,
      ...{ since: new Date(SINCE), openedEventTime: new Date(SINCE + DAY_MS) },
    });
  });
  return id;
}
const events = async (scope: Scope) =>
  (await inTenant(scope, (tx) => tx.select().from(domainEvents).orderBy(asc(domainEvents.id)))).map((e) => e.name);

test("accepting a conversion writes it with the next revision, closes the incident, wakes gateways, and is audited", async () => {
  const scope = await t.newScope();
  const id = await openIncident(scope);
  const woken: string[] = [];
  const subscription = await t.db.sql.listen("ballast_routes", (payload) => woken.push(payload));
  const record = await inTenant(scope, (tx) => acceptConversion(tx, scope, { incidentId: id }));
  expect(record).toMatchObject({
    ...{ revision: 1, column: "distance", factor: 0.621371192, offset: 0, incidentId: id, acceptedBy: "platform" },
    ...{ from: new Date(SINCE), acceptedAt: new Date(SINCE + DAY_MS) },
  });
  expect(await inTenant(scope, (tx) => openUnitIncidents(tx, scope))).toEqual([]);
  const [incident] = await inTenant(scope, (tx) => tx.select().from(incidents));
  expect(incident).toMatchObject({
    state: "resolved",
    resolution: "`distance` × 0.621371 (kilometres → miles) from 2001-06-05 00:00 UTC",
    closedEventTime: new Date(SINCE + DAY_MS),
  });
  expect(await events(scope)).toEqual(["incident.closed", "conversion.accepted"]);
  const [entry] = await inTenant(scope, (tx) => tx.select().from(auditEvents));
  expect(entry).toMatchObject({ action: "incident.accept_conversion", subject: id });
  await expect.poll(() => woken).toContain(scope.projectId);
  await subscription.unlisten();
});

test("two people accept at once: one conversion, one clear refusal", async () => {
  const scope = await t.newScope();
  const id = await openIncident(scope);
  const accept = () => inTenant(scope, (tx) => acceptConversion(tx, scope, { incidentId: id }));
  const results = await Promise.allSettled([accept(), accept()]);
  const refused = results.filter((result) => result.status === "rejected");
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({ code: "conflict", details: { state: "resolved" } });
  expect(await inTenant(scope, (tx) => tx.select().from(conversions))).toHaveLength(1);
});

test("revisions grow by one also when two incidents are resolved at once", async () => {
  const scope = await t.newScope();
  const ids = [await openIncident(scope), await openIncident(scope), await openIncident(scope)];
  await Promise.all(ids.map((incidentId) => inTenant(scope, (tx) => acceptConversion(tx, scope, { incidentId }))));
  const rows = await inTenant(scope, (tx) => tx.select().from(conversions).orderBy(conversions.revision));
  expect(rows.map((row) => row.revision)).toEqual([1, 2, 3]);
});

test("an incident without a proposal can only be dismissed, with a reason; another project's does not exist", async () => {
  const [scope, stranger] = [await t.newScope(), await t.newScope()];
  const id = await openIncident(scope, false);
  const accept = (by: Scope) => inTenant(by, (tx) => acceptConversion(tx, by, { incidentId: id }));
  await expect(accept(scope)).rejects.toMatchObject({ code: "precondition_failed" });
  await expect(accept(stranger)).rejects.toMatchObject({ code: "not_found" });
  await inTenant(scope, (tx) => dismissIncident(tx, scope, { incidentId: id, reason: "the sender told us" }));
  const { incidents: rows } = await inTenant(scope, (tx) => listIncidents(tx, scope, { state: "dismissed", limit: 5 }));
  expect(rows).toMatchObject([{ id, resolution: "the sender told us", resolvedBy: "platform" }]);
  await expect(
    inTenant(scope, (tx) => dismissIncident(tx, scope, { incidentId: id, reason: "again" })),
  ).rejects.toMatchObject({ code: "conflict" });
});

test("a conversion is withdrawn by a newer one that changes nothing", async () => {
  const scope = await t.newScope();
  const id = await openIncident(scope);
  const first = await inTenant(scope, (tx) => acceptConversion(tx, scope, { incidentId: id }));
  const withdraw = (from: number | undefined) =>
    inTenant(scope, (tx) =>
      withdrawConversion(tx, scope, {
        ...{ conversionId: first.id, reason: "the sender was repaired" },
        from: from === undefined ? undefined : new Date(from),
      }),
    );
  await expect(withdraw(SINCE - 1)).rejects.toMatchObject({ code: "invalid_input", details: { field: "from" } });
  const from = SINCE + 5 * HOUR_MS;
  expect(await withdraw(from)).toMatchObject({ revision: 2, factor: 1, offset: 0, from: new Date(from) });
  const stranger = await t.newScope();
  await expect(
    inTenant(stranger, (tx) => withdrawConversion(tx, stranger, { conversionId: first.id, reason: "mine" })),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("pages of incidents follow one another", async () => {
  const scope = await t.newScope();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.push(await openIncident(scope));
  const seen: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await inTenant(scope, (tx) => listIncidents(tx, scope, { before, limit: 2 }));
    seen.push(...page.incidents.map((incident) => incident.id));
    expect(page.total).toBe(5);
    if (page.next === null) break;
    before = page.next;
  }
  expect(seen.sort()).toEqual([...ids].sort());
});

/** A compacted segment with predictions of each range of times. */
async function predictionsAt(scope: Scope, ...ranges: [minTime: number, maxTime: number][]): Promise<void> {
  const files = ranges.map(([minTime, maxTime]) => ({
    kind: "predictions" as const,
    digest: "",
    rows: 1,
    minTime,
    maxTime,
  }));
  await inTenant(scope, (tx) =>
    tx.insert(journalSegments).values({
      ...owned(scope),
      ...{ id: `gw/${scope.projectId}/1`, sequence: 1, path: "", bytes: 0, records: 1, state: "compacted" },
      ...segmentContents(files),
    }),
  );
}

async function deployment(scope: Scope, id: string, startedAt: number | null, champion: string | null = "mv_1") {
  await inTenant(scope, async (tx) => {
    await tx.insert(deployments).values({
      ...owned(scope),
      ...{ id, name: id, modelId: "mdl_1", routing: { champion, candidate: null, shadows: [], salt: "s" } },
    });
    if (startedAt === null) return;
    await tx.insert(rollouts).values({
      ...owned(scope),
      ...{ id: newId("rollout"), deploymentId: id, candidateId: "mv_1", state: "promoted", cause: "initial" },
      ...{ plan: {} as never, planDigest: "", evidence: {} as never, createdBy: "test" },
      startedEventTime: new Date(startedAt),
    });
  });
}

test("windows close per deployment from its own first day, in order, once, whoever calls", async () => {
  const scope = await t.newScope();
  await deployment(scope, `dep_a${scope.projectId}`, null);
  await deployment(scope, `dep_b${scope.projectId}`, SINCE + DAY_MS + HOUR_MS);
  await deployment(scope, `dep_c${scope.projectId}`, null, null);
  const close = (watermark: number) => inTenant(scope, (tx) => closeWindows(tx, scope, watermark));
  expect(await close(SINCE + 9 * DAY_MS)).toEqual([]);
  await predictionsAt(scope, [SINCE + 3 * HOUR_MS, SINCE + 4 * HOUR_MS]);
  expect(await close(SINCE + DAY_MS - 1)).toEqual([]);
  const [one, two] = await Promise.all([close(SINCE + 3 * DAY_MS), close(SINCE + 3 * DAY_MS)]);
  const rows = await inTenant(scope, (tx) => tx.select().from(monitorWindows));
  expect(rows).toHaveLength(5);
  expect(one.length + two.length).toBe(5);
  const told = await inTenant(scope, (tx) => tx.select().from(domainEvents).orderBy(asc(domainEvents.id)));
  const days = told.map((event) => String(event.data.from).slice(0, 10));
  expect(days).toEqual([...days].sort());
  expect(days).toEqual(["2001-06-05", "2001-06-06", "2001-06-06", "2001-06-07", "2001-06-07"]);
  expect((await close(SINCE + 4 * DAY_MS)).map((window) => window.from)).toEqual([
    SINCE + 3 * DAY_MS,
    SINCE + 3 * DAY_MS,
  ]);
});

test("a log that holds times before 1973 begins with its first real one: neither 1970 nor a year before the calendar", async () => {
  const scope = await t.newScope();
  await deployment(scope, `dep_odd${scope.projectId}`, null);
  const close = () => inTenant(scope, (tx) => closeWindows(tx, scope, SINCE + 2 * DAY_MS));
  await predictionsAt(scope, [-9e15, -9e15], [0, SINCE + DAY_MS], [SINCE + DAY_MS + HOUR_MS, SINCE + 2 * DAY_MS]);
  expect((await close()).map((window) => window.from)).toEqual([SINCE + DAY_MS]);
});

test("the router asks for the permission, and for a reason", async () => {
  const made = await signUp(t.db, {
    ...{ name: "Ada", email: "ada@monitoring.example.com", password: "correct horse battery" },
    ...{ teamName: "Airline Ops", projectName: "US flights" },
  });
  const where = { team: made.teamSlug, project: made.projectSlug };
  const call = createCallerFactory(router({ monitoring: monitoringRouter }));
  const as = (identity: Identity) => call({ db: t.db, identity, requestId: "test" }).monitoring;
  const me: Identity = { kind: "user", account: made.account };
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "OK",
      (error: { code?: string }) => error.code ?? String(error),
    );
  expect(await codeOf(as(null).overview({ ...where, deployment: "x" }))).toBe("UNAUTHORIZED");
  expect(await codeOf(as(me).overview({ ...where, deployment: "x" }))).toBe("NOT_FOUND");
  expect(await codeOf(as(me).acceptConversion({ ...where, incidentId: "inc_none" }))).toBe("NOT_FOUND");
  expect(await codeOf(as(me).dismissIncident({ ...where, incidentId: "inc_none", reason: " " }))).toBe("BAD_REQUEST");
  expect(
    await codeOf(as(me).heatMap({ ...where, deployment: "x", range: { from: "2001-06-05", to: "2001-06-01" } })),
  ).toBe("BAD_REQUEST");
  const { scope } = made;
  const { token } = await inTenant(scope, (tx) =>
    createToken(tx, scope, { name: "reader", permissions: ["project.read"], expiresInDays: null }),
  );
  const verified = await verifyToken(t.db, token);
  if (verified === null) throw new Error("the token does not verify");
  const reader = as({ kind: "token", token: verified });
  expect(await reader.incidents(where)).toEqual({ incidents: [], total: 0, next: null });
  expect(await codeOf(reader.acceptConversion({ ...where, incidentId: "inc_none" }))).toBe("FORBIDDEN");
  expect(await reader.overviews(where)).toEqual([]);
  await deployment(scope, "dep_router", null);
  const overview = await reader.overview({ ...where, deployment: "dep_router" });
  expect(overview.verdict.state).toBe("waiting");
  expect((await reader.heatMap({ ...where, deployment: "dep_router" })).rows).toEqual([]);
  expect((await reader.performance({ ...where, deployment: "dep_router" })).series).toEqual([]);
  expect((await reader.windows({ ...where, deployment: "dep_router" })).windows).toEqual([]);
  expect(
    await codeOf(reader.distribution({ ...where, deployment: "dep_router", column: "distance", day: "2001-06-05" })),
  ).toBe("NOT_FOUND");
});
