import type { Permission, Scope } from "@ballast/core";
import { auditEvents, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createCallerFactory, type Identity } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reserve } from "./ledger.ts";
import { finopsRouter } from "./router.ts";

let t: TestDatabase;
let scope: Scope;
beforeAll(async () => {
  t = await testDatabase();
  scope = await t.newScope();
});
afterAll(() => t.close());

function caller(...permissions: Permission[]) {
  const { teamId, projectId } = scope;
  const token = {
    tokenId: "tok_1",
    name: "ci",
    teamId,
    projectId,
    permissions,
    expiresAt: null,
    serviceAccountId: null,
  };
  const identity: Identity = { kind: "token", token };
  return createCallerFactory(finopsRouter)({ db: t.db, identity, requestId: "test" });
}
const where = () => ({ team: scope.teamId.slice(-10), project: "project" });
const budget = { name: "project", currency: "USD", hard: true, limitMicros: 5_000_000 };

test("a budget is set by who may, read by who reads, and audited", async () => {
  const [reader, owner] = [caller("project.read"), caller("budget.write")];
  await expect(reader.setBudget({ ...where(), budget })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await owner.setBudget({ ...where(), budget });
  expect(await reader.budgets(where())).toMatchObject([{ ...budget, freeMicros: 5_000_000, invariantHolds: true }]);
  await expect(owner.setBudget({ ...where(), budget: { ...budget, limitMicros: -1 } })).rejects.toThrow("limitMicros");
  await expect(owner.setBudget({ ...where(), budget: { ...budget, currency: "EUR" } })).rejects.toMatchObject({
    code: "CONFLICT",
  });
  const audited = await withTenant(t.db, scope.teamId, (tx) => tx.select().from(auditEvents));
  expect(audited.map((a) => a.action)).toEqual(["budget.set"]);
});

test("a rate card keeps the prices it does not name", async () => {
  const [reader, owner] = [caller("project.read"), caller("budget.write")];
  await owner.setRateCard({ ...where(), card: { currency: "USD", rates: { "inference.prediction": 250 } } });
  expect(await reader.rateCard(where())).toEqual({
    currency: "USD",
    rates: { "inference.prediction": 250, "inference.shadow": 60, "training.Mrow_trees": 40_000 },
  });
  await owner.setRateCard({ ...where(), card: { currency: "USD", rates: { "inference.shadow": 90 } } });
  expect((await reader.rateCard(where())).rates).toMatchObject({ "inference.prediction": 250, "inference.shadow": 90 });
  expect(await reader.refusals(where())).toEqual([]);
  expect(await reader.costByDay(where())).toEqual([]);
  expect(await reader.unitCosts(where())).toEqual([]);
});

test("the currency may change until money has moved, then it is final", async () => {
  const [reader, owner] = [caller("project.read"), caller("budget.write")];
  const set = (currency: string, rates: Record<string, number>) =>
    owner.setRateCard({ ...where(), card: { currency, rates } });
  await set("EUR", {});
  expect(await reader.budgets(where())).toMatchObject([{ ...budget, currency: "EUR" }]);
  await owner.setBudget({ ...where(), budget: { ...budget, currency: "EUR" } });
  await withTenant(t.db, scope.teamId, (tx) =>
    reserve(tx, scope, { subject: "trn_a", amountMicros: 1, eventTime: null }),
  );
  await expect(set("USD", {})).rejects.toMatchObject({
    code: "CONFLICT",
    message: expect.stringContaining("final"),
  });
  await set("EUR", { "inference.prediction": 9 });
});
