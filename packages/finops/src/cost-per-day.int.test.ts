import type { Scope } from "@ballast/core";
import { costRecords, modelVersions, registeredModels, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setBudget, setRateCard } from "./budgets.ts";
import { costPerDay } from "./cost-per-day.ts";
import { unitCosts } from "./cost-queries.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const inTenant = <T>(scope: Scope, work: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, work);

/** A budget in euros and these charges on it: day of February, meter, micros, version. */
async function charged(charges: (readonly [date: number, meter: string, micros: number, version: string | null])[]) {
  const scope = await t.newScope();
  const { teamId, projectId } = scope;
  await inTenant(scope, async (tx) => {
    await setRateCard(tx, scope, { currency: "EUR", rates: { "inference.prediction": 100 } });
    const budget = await setBudget(tx, scope, { name: "project", currency: "EUR", hard: false, limitMicros: 0 });
    for (const [index, [date, meter, amountMicros, modelVersionId]] of charges.entries()) {
      const [from, to] = [new Date(Date.UTC(2001, 1, date, 5)), new Date(Date.UTC(2001, 1, date, 6))];
      await tx.insert(costRecords).values({
        ...{ teamId, projectId, budgetId: budget.id, id: `cost_${projectId.slice(-6)}_${index}`, subject: `s${index}` },
        ...{ meter, amountMicros, modelVersionId, quantity: 1_000, rateMicros: 1, from, to },
      });
    }
  });
  return scope;
}

test("the newest days, by purpose and version, and what was spent before them", async () => {
  const scope = await charged([
    [1, "inference.prediction", 50, "mv_a"],
    [3, "training.Mrow_trees", 7, null],
    [4, "inference.prediction", 10, "mv_a"],
    [4, "inference.prediction", 5, "mv_a"],
    [4, "inference.shadow", 3, "mv_b"],
  ]);
  const none = { serving: 0, shadow: 0, training: 0 };
  expect(await inTenant(scope, (tx) => costPerDay(tx, scope, { days: 2 }))).toEqual({
    from: "2001-02-03",
    beforeMicros: 50,
    costs: [
      { ...none, day: "2001-02-03", modelVersionId: null, training: 7 },
      { ...none, day: "2001-02-04", modelVersionId: "mv_a", serving: 15 },
      { ...none, day: "2001-02-04", modelVersionId: "mv_b", shadow: 3 },
    ],
  });
  const stranger = await t.newScope();
  expect(await inTenant(stranger, (tx) => costPerDay(tx, stranger, { days: 2 }))).toEqual({
    ...{ from: null, beforeMicros: 0, costs: [] },
  });
});

test("unit costs carry their currency and the version's name", async () => {
  const scope = await charged([[1, "inference.prediction", 50, "mv_named"]]);
  const { teamId, projectId } = scope;
  await inTenant(scope, async (tx) => {
    await tx.insert(registeredModels).values({ teamId, projectId, id: "mdl_named", name: "flight-late" });
    await tx.insert(modelVersions).values({
      ...{ teamId, projectId, id: "mv_named", modelId: "mdl_named", version: 7, metrics: {} },
      lineage: {
        ...{ runId: null, trainingJobId: null, datasetVersions: [], featureViews: [] },
        ...{ trainedFrom: null, trainedTo: null, codeVersion: null },
      },
      ...{ cause: "manual", createdBy: "test" },
    });
  });
  expect(await inTenant(scope, (tx) => unitCosts(tx, scope))).toMatchObject([
    { model: "flight-late", version: 7, currency: "EUR", servingPer1000Micros: 50 },
  ]);
});
