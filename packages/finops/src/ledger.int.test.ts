import { newId, type Scope } from "@ballast/core";
import { budgets, costRecords, domainEvents, reservations, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freeOf } from "./budget-admission.ts";
import { type Budget, overageOf, setBudget, setRateCard } from "./budgets.ts";
import { budgetSummaries, costByDay, listRefusals, unitCosts } from "./cost-queries.ts";
import { type Charge, commit, release, reserve } from "./ledger.ts";
import { meterInference } from "./meter-inference.ts";
import { sweepReservations } from "./sweep-reservations.ts";

let t: TestDatabase;
beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

const LIMIT = 1_000_000;
const eventDay = (n: number) => new Date(Date.UTC(2001, 1, 1 + n));
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);

async function withBudget(limitMicros = LIMIT, hard = true): Promise<Scope> {
  const scope = await t.newScope();
  await inTenant(scope, (tx) => setBudget(tx, scope, { name: "project", currency: "USD", hard, limitMicros }));
  return scope;
}
async function budgetOf(scope: Scope): Promise<Budget> {
  const [row] = await inTenant(scope, (tx) => tx.select().from(budgets).where(eq(budgets.projectId, scope.projectId)));
  if (!row) throw new Error("no budget");
  return row;
}
const training = (subject: string, quantity: number): Charge => ({
  meter: "training.Mrow_trees",
  quantity,
  subject,
  from: eventDay(0),
  to: eventDay(1),
});
const ask = (scope: Scope, subject: string, amountMicros: number) =>
  inTenant(scope, (tx) => reserve(tx, scope, { subject, amountMicros, eventTime: eventDay(3) }));

test("reserve, commit the actual, release the rest; twice charges once", async () => {
  const scope = await withBudget();
  const { reservation, admitted } = await ask(scope, "trn_a", 400_000);
  expect(admitted).toBe(true);
  expect(freeOf(await budgetOf(scope))).toBe(600_000);
  const settle = () =>
    inTenant(scope, (tx) => commit(tx, scope, { reservationId: reservation.id, charges: [training("trn_a", 2.5)] }));
  expect(await settle()).toEqual({
    committedMicros: 100_000,
    releasedMicros: 300_000,
    overageMicros: 0,
    replayed: false,
  });
  expect(await settle()).toMatchObject({ committedMicros: 100_000, releasedMicros: 300_000, replayed: true });
  expect(await budgetOf(scope)).toMatchObject({ committedMicros: 100_000, reservedMicros: 0 });
});

test("a refusal is kept with its invoice, charges nothing, and is answered again as it was", async () => {
  const scope = await withBudget();
  await ask(scope, "trn_a", 900_000);
  const refused = await ask(scope, "trn_b", 100_001);
  expect(refused.admitted).toBe(false);
  expect(refused.invoice.shortByMicros).toBe(1);
  expect((await ask(scope, "trn_b", 100_001)).reservation.id).toBe(refused.reservation.id);
  const [listed, ...others] = await inTenant(scope, (tx) => listRefusals(tx, scope));
  expect(others).toEqual([]);
  expect(listed).toMatchObject({ subject: "trn_b", kind: "work", invoice: { shortByMicros: 1, freeMicros: 100_000 } });
  expect(listed?.reason).toContain("Raise the limit");
  const events = await inTenant(scope, (tx) => tx.select({ name: domainEvents.name }).from(domainEvents));
  expect(events.map((e) => e.name).sort()).toEqual(["budget.refused", "budget.reserved"]);
});

test("twenty admissions at once never take more than there is", async () => {
  const scope = await withBudget();
  const asks = Array.from({ length: 20 }, (_, i) => ask(scope, `trn_${i}`, 90_000));
  const admitted = (await Promise.all(asks)).filter((r) => r.admitted).length;
  expect(admitted).toBe(11);
  expect(await budgetOf(scope)).toMatchObject({ reservedMicros: 990_000, committedMicros: 0 });
});

test("a trainer that breaks its own estimate: the charge is whole, the budget is not overrun", async () => {
  const scope = await withBudget(100_000);
  const { reservation } = await ask(scope, "trn_a", 100_000);
  const charges = [training("trn_a", 4)];
  const settled = await inTenant(scope, (tx) => commit(tx, scope, { reservationId: reservation.id, charges }));
  expect(settled).toMatchObject({ committedMicros: 100_000, overageMicros: 60_000 });
  const budget = await budgetOf(scope);
  expect(overageOf(budget)).toBe(60_000);
});

test("a new rate card does not change the price of work admitted before", async () => {
  const scope = await withBudget();
  const { reservation } = await ask(scope, "trn_a", 40_000);
  const dear = { currency: "USD", rates: { "training.Mrow_trees": 900_000 } };
  await inTenant(scope, (tx) => setRateCard(tx, scope, dear));
  const charges = [training("trn_a", 1)];
  const settled = await inTenant(scope, (tx) => commit(tx, scope, { reservationId: reservation.id, charges }));
  expect(settled).toMatchObject({ committedMicros: 40_000, overageMicros: 0 });
});

test("a new rate card does not change the price of what was served before: a window costs what its lease was taken at", async () => {
  const scope = await withBudget();
  const meter = (n: number) => inTenant(scope, (tx) => meterInference(tx, scope, windowOf(n, 1_000)));
  const price = (micros: number) =>
    inTenant(scope, (tx) => setRateCard(tx, scope, { currency: "USD", rates: { "inference.prediction": micros } }));
  expect(await meter(0)).toMatchObject({ amountMicros: 100_000, leaseMicros: 100_000 });
  await price(200);
  expect(await meter(1)).toMatchObject({ amountMicros: 100_000, leaseMicros: 200_000 });
  await price(50);
  expect(await meter(2)).toMatchObject({ amountMicros: 200_000, leaseMicros: 50_000 });
  await expectSound(scope);
});

test("a hard limit below what is held, a foreign currency and a released reservation are refused by name", async () => {
  const scope = await withBudget();
  const { reservation } = await ask(scope, "trn_a", 500_000);
  const set = (currency: string, limitMicros: number) =>
    inTenant(scope, (tx) => setBudget(tx, scope, { name: "project", currency, hard: true, limitMicros }));
  await expect(set("USD", 499_999)).rejects.toThrow("limitMicros");
  await expect(set("EUR", LIMIT)).rejects.toThrow("currency");
  const giveBack = () => inTenant(scope, (tx) => release(tx, scope, { reservationId: reservation.id, reason: "test" }));
  expect(await giveBack()).toEqual({ releasedMicros: 500_000 });
  expect(await giveBack()).toEqual({ releasedMicros: 0 });
  const late = inTenant(scope, (tx) => commit(tx, scope, { reservationId: reservation.id, charges: [] }));
  await expect(late).rejects.toThrow("released");
  await expect(ask(scope, "x", 0.5)).rejects.toThrow("amountMicros");
});

const windowOf = (n: number, served: number, shadow = 0) => ({
  deploymentId: "dep_1",
  windowId: `win_${n}`,
  versions: { mv_1: { served, shadow }, mv_2: { served: 0, shadow } },
  from: eventDay(n),
  to: eventDay(n + 1),
});

test("a window is metered once, and the next one leased ahead", async () => {
  const scope = await withBudget();
  const meter = () => inTenant(scope, (tx) => meterInference(tx, scope, windowOf(0, 1_500, 500)));
  const first = await meter();
  // 1,500 × 100 + 2 × 500 × 60 = 210,000 for 2,500 rows; three blocks at that mix are 252,000.
  expect(first).toMatchObject({ amountMicros: 210_000, leaseMicros: 252_000, leaseShortMicros: 0, overageMicros: 0 });
  expect(await meter()).toMatchObject({ amountMicros: 0, replayed: true });
  expect(await budgetOf(scope)).toMatchObject({ committedMicros: 210_000, reservedMicros: 252_000 });
  const days = await inTenant(scope, (tx) => costByDay(tx, scope));
  expect(days.map((d) => [d.day, d.meter, d.subject, d.quantity, d.amountMicros])).toEqual([
    ["2001-02-01", "inference.prediction", "dep_1/mv_1", 1_500, 150_000],
    ["2001-02-01", "inference.shadow", "dep_1/mv_1", 500, 30_000],
    ["2001-02-01", "inference.shadow", "dep_1/mv_2", 500, 30_000],
  ]);
});

test("a deployment without traffic holds no money, and an old empty window seen again takes none from a later one", async () => {
  const scope = await withBudget();
  const meter = (n: number, served: number) => inTenant(scope, (tx) => meterInference(tx, scope, windowOf(n, served)));
  expect(await meter(0, 1_000)).toMatchObject({ leaseMicros: 100_000 });
  const other = { ...windowOf(0, 2_000), deploymentId: "dep_2" };
  await inTenant(scope, (tx) => meterInference(tx, scope, other));
  expect(await meter(1, 0)).toMatchObject({ amountMicros: 0, leaseMicros: 0, replayed: false });
  expect(await budgetOf(scope)).toMatchObject({ committedMicros: 300_000, reservedMicros: 200_000 });
  expect(await meter(2, 1_000)).toMatchObject({ amountMicros: 100_000, leaseMicros: 100_000, overageMicros: 0 });
  await meter(1, 0);
  expect(await budgetOf(scope)).toMatchObject({ committedMicros: 400_000, reservedMicros: 300_000 });
  await expectSound(scope);
});

test("when money is out training is refused and serving goes on: overage is shown, the invariant holds", async () => {
  const scope = await withBudget(250_000);
  const meter = (n: number, served: number) => inTenant(scope, (tx) => meterInference(tx, scope, windowOf(n, served)));
  expect(await meter(0, 1_000)).toMatchObject({ leaseMicros: 100_000, leaseShortMicros: 0 });
  expect(await meter(1, 1_000)).toMatchObject({ leaseMicros: 0, leaseShortMicros: 100_000, overageMicros: 0 });
  expect(await meter(2, 1_000)).toMatchObject({ amountMicros: 100_000, overageMicros: 50_000 });
  expect((await ask(scope, "trn_a", 1)).admitted).toBe(false);
  const [summary] = await inTenant(scope, (tx) => budgetSummaries(tx, scope));
  expect(summary).toMatchObject({
    committedMicros: 250_000,
    freeMicros: 0,
    overageMicros: 50_000,
    invariantHolds: true,
    refusals: 1,
  });
  const listed = (leases: boolean) => inTenant(scope, (tx) => listRefusals(tx, scope, { leases }));
  expect((await listed(false)).map((r) => r.kind)).toEqual(["work"]);
  expect((await listed(true)).map((r) => r.kind)).toEqual(["work", "lease", "lease"]);
  const events = await inTenant(scope, (tx) =>
    tx.select().from(domainEvents).where(eq(domainEvents.name, "budget.refused")),
  );
  expect(events.filter((e) => e.data.servingContinues)).toHaveLength(1);
  const raised = { name: "project", currency: "USD", hard: true, limitMicros: 1_000_000 };
  const after = await inTenant(scope, (tx) => setBudget(tx, scope, raised));
  expect(after.committedMicros).toBe(300_000);
});

test("unit costs keep serving and training apart", async () => {
  const scope = await withBudget();
  await inTenant(scope, (tx) => meterInference(tx, scope, windowOf(0, 2_000)));
  const { reservation } = await ask(scope, "trn_a", 100_000);
  const charges = [{ ...training("trn_a", 2), modelVersionId: "mv_1" }];
  await inTenant(scope, (tx) => commit(tx, scope, { reservationId: reservation.id, charges }));
  const [cost] = await inTenant(scope, (tx) => unitCosts(tx, scope));
  expect(cost).toEqual({
    ...{ modelVersionId: "mv_1", model: null, version: null, currency: "USD" },
    predictions: 2_000,
    servingMicros: 200_000,
    trainingMicros: 80_000,
    servingPer1000Micros: 100_000,
    trainingPer1000Micros: 40_000,
  });
});

test("the sweep releases what has no living owner and nothing else", async () => {
  const scope = await withBudget();
  const ghost = newId("trainingJob");
  await ask(scope, ghost, 1_000);
  await ask(scope, "manual-hold", 2_000);
  await inTenant(scope, (tx) => meterInference(tx, scope, windowOf(0, 100)));
  const { released } = await inTenant(scope, (tx) => sweepReservations(tx, scope));
  expect(released.map((r) => r.subject)).toEqual([ghost]);
  expect(await inTenant(scope, (tx) => sweepReservations(tx, scope))).toEqual({ released: [] });
  expect((await budgetOf(scope)).reservedMicros).toBe(102_000);
});

test("the pace is that of the newest week, idle days of it included as far back as the budget was ever charged", async () => {
  const scope = await withBudget();
  const charge = (n: number) => inTenant(scope, (tx) => meterInference(tx, scope, windowOf(n, 700)));
  const forecast = async () => (await inTenant(scope, (tx) => budgetSummaries(tx, scope)))[0]?.forecast;
  expect(await forecast()).toMatchObject({ perDayMicros: null });
  await charge(0);
  expect(await forecast()).toMatchObject({ perDayMicros: 70_000 });
  await charge(3);
  expect(await forecast()).toMatchObject({ perDayMicros: 35_000 });
  await charge(20);
  expect(await forecast()).toMatchObject({ perDayMicros: 10_000 });
});

test("a project without a budget is metered and never refused", async () => {
  const scope = await t.newScope();
  expect((await ask(scope, "trn_a", 5_000_000)).admitted).toBe(true);
  expect(await budgetOf(scope)).toMatchObject({ hard: false, limitMicros: 0, reservedMicros: 5_000_000 });
});

test("charges go to the project's hard budget whatever it is called, and to a named one where asked", async () => {
  const scope = await t.newScope();
  await ask(scope, "trn_before", 1_000);
  const set = (name: string, hard: boolean) =>
    inTenant(scope, (tx) => setBudget(tx, scope, { name, currency: "USD", hard, limitMicros: 5_000 }));
  await set("sandbox", false);
  await set("2001", true);
  expect((await ask(scope, "trn_a", 5_001)).invoice).toMatchObject({ budget: "2001", shortByMicros: 1 });
  const inSandbox = { budget: "sandbox", subject: "trn_b", amountMicros: 9_000, eventTime: null };
  expect(await inTenant(scope, (tx) => reserve(tx, scope, inSandbox))).toMatchObject({ admitted: true });
  const nowhere = inTenant(scope, (tx) => reserve(tx, scope, { ...inSandbox, budget: "nope" }));
  await expect(nowhere).rejects.toThrow('Budget "nope"');
  const summaries = await inTenant(scope, (tx) => budgetSummaries(tx, scope));
  expect(summaries.map((b) => [b.name, b.reservedMicros, b.refusals])).toEqual([
    ["2001", 0, 1],
    ["project", 1_000, 0],
    ["sandbox", 9_000, 0],
  ]);
});

/** Park–Miller: enough to vary interleavings, and the same on every machine. */
function seeded(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % n;
  };
}

async function expectSound(scope: Scope): Promise<void> {
  const budget = await budgetOf(scope);
  const rows = await inTenant(scope, (tx) => tx.select().from(reservations));
  const costs = await inTenant(scope, (tx) => tx.select().from(costRecords));
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
  const open = sum(rows.filter((r) => r.state === "reserved").map((r) => r.amountMicros));
  expect(budget.reservedMicros).toBe(open);
  expect(budget.committedMicros + budget.reservedMicros).toBeLessThanOrEqual(budget.limitMicros);
  expect(sum(costs.map((c) => c.amountMicros))).toBe(budget.meteredMicros);
  expect(budget.meteredMicros).toBeGreaterThanOrEqual(budget.committedMicros);
  for (const row of rows) expect(row.committedMicros ?? 0).toBeLessThanOrEqual(row.amountMicros);
}

test.each([11, 23, 47])(
  "random interleavings, crashes and replays break nothing and leak nothing (seed %i)",
  async (seed) => {
    const scope = await withBudget(300_000);
    const next = seeded(seed);
    const jobs = Array.from({ length: 14 }, (_, i) => ({
      subject: `job_${i}`,
      amount: 5_000 + next(60_000),
      use: next(101),
    }));
    const idOf = async (subject: string) => {
      const mine = and(eq(reservations.projectId, scope.projectId), eq(reservations.subject, subject));
      const [row] = await inTenant(scope, (tx) => tx.select().from(reservations).where(mine));
      return row;
    };
    const step = async (): Promise<void> => {
      const job = jobs[next(jobs.length)];
      const [action, crash] = [next(4), next(4) === 0];
      if (!job) return;
      const found = await idOf(job.subject);
      const quantity = (job.amount / 40_000) * (job.use / 100);
      await inTenant(scope, async (tx) => {
        if (action === 0) await reserve(tx, scope, { subject: job.subject, amountMicros: job.amount, eventTime: null });
        else if (action === 3 && next(4) === 0) await meterInference(tx, scope, windowOf(next(6), 0));
        else if (action === 3) await meterInference(tx, scope, windowOf(next(6), 200 + next(400), next(100)));
        else if (found?.state === "reserved" && action === 1)
          await commit(tx, scope, { reservationId: found.id, charges: [training(job.subject, quantity)] });
        else if (found && action === 2) await release(tx, scope, { reservationId: found.id, reason: "ended" });
        if (crash) throw new Error("killed before commit");
      }).catch((error: unknown) => {
        // A reservation settled by a concurrent step is refused as a conflict; that and the crash are the only failures.
        const text = String(error);
        if (!text.includes("killed") && !text.includes("cannot be committed")) throw error;
      });
    };
    for (let round = 0; round < 25; round++) {
      await Promise.all(Array.from({ length: 6 }, step));
      await expectSound(scope);
    }
    for (const job of jobs) {
      const row = await idOf(job.subject);
      if (row) await inTenant(scope, (tx) => release(tx, scope, { reservationId: row.id, reason: "end of test" }));
    }
    await expectSound(scope);
    const open = await inTenant(scope, (tx) =>
      tx.select().from(reservations).where(eq(reservations.state, "reserved")),
    );
    expect(open.filter((r) => !r.subject.startsWith("lease:"))).toEqual([]);
    expect(open.length).toBeLessThanOrEqual(1);
  },
);
