import type { Scope } from "@ballast/core";
import { budgets, domainEvents, reservations, type Tx, trainingJobs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { setBudget } from "@ballast/finops/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { estimateTraining } from "./estimate-training.ts";
import { requestTraining } from "./request-training.ts";
import { END, openPlugins, START, seedProject } from "./training-fixture.ts";

let t: TestDatabase;
let plugins: PluginHost;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  plugins = await openPlugins();
  scope = await t.newScope();
  await seedProject(t.db, scope, plugins);
});
afterAll(() => t.close());

const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const range = { pipeline: "flight-late", from: new Date(START), to: new Date(END) };
const deps = (rows: number) => ({ plugins, countRows: async () => rows });

test("an estimate is what a request then reserves, and writes nothing itself", async () => {
  const estimate = await inTenant((tx) => estimateTraining(tx, scope, range, deps(6_000)));
  // At most 4,500 rows × 20 trees = 0.09 Mrow_trees at 40,000 micros; without a budget everything is admitted.
  expect(estimate).toMatchObject({ rowsAtMost: 6_000, worstCaseMicros: 3_600, admitted: true, hard: false });
  const written = await inTenant(async (tx) => [
    ...(await tx.select().from(trainingJobs)),
    ...(await tx.select().from(reservations)),
    ...(await tx.select().from(budgets)),
    ...(await tx.select().from(domainEvents)),
  ]);
  expect(written).toEqual([]);
  await inTenant((tx) => requestTraining(tx, scope, { ...range, cause: "manual" }, deps(6_000)));
  const [reservation] = await inTenant((tx) => tx.select().from(reservations));
  expect(reservation?.amountMicros).toBe(estimate.worstCaseMicros);
});

test("says how much is missing under a hard limit, what is blocked, and which parameter the trainer refuses", async () => {
  await inTenant((tx) => setBudget(tx, scope, { name: "project", currency: "USD", hard: true, limitMicros: 5_000 }));
  const incident = { incidentId: "inc_1", title: "distance is in kilometres", from: new Date(END - 1) };
  const estimate = await inTenant((tx) =>
    estimateTraining(
      tx,
      scope,
      { ...range, params: { maxTrees: 100 } },
      { ...deps(6_000), blockedRanges: async () => [{ ...incident, to: null }] },
    ),
  );
  // 5,000 − 3,600 reserved by the first test's request.
  expect(estimate).toMatchObject({ admitted: false, invoice: { freeMicros: 1_400, shortByMicros: 18_000 - 1_400 } });
  expect(estimate.blockedBy).toEqual(incident);
  await expect(
    inTenant((tx) => estimateTraining(tx, scope, { ...range, params: { maxTreez: 1 } }, deps(1))),
  ).rejects.toThrow(/maxTreez/);
});
