import type { Scope } from "@ballast/core";
import { emit, reservations, type Tx } from "@ballast/db";
import { and, asc, desc, eq, like, lt } from "drizzle-orm";
import { freeOf } from "./budget-admission.ts";
import { type Budget, currentRateCard, lockBudget, overageOf, writeTotals } from "./budgets.ts";
import { LEASE_BLOCK, settle, sizeLease } from "./inference-lease.ts";
import { type Charge, insertReservation, type Reservation, recordCharges, release } from "./ledger.ts";
import { moneyText } from "./money.ts";
import { amountOf, PREDICTION_METER, SHADOW_METER } from "./rate-card.ts";

export interface MeterInferenceInput {
  deploymentId: string;
  windowId: string;
  /** Rows answered and rows scored beside, per model version (the window's tally). */
  versions: Record<string, { served: number; shadow: number }>;
  /** The window, event time, end exclusive. */
  from: Date;
  to: Date;
}
export interface MeteredWindow {
  /** What the window came to; 0 when it had been metered before. */
  amountMicros: number;
  /** What the project owes beyond its hard limit after this window: shown, not committed, paid first from money that frees. */
  overageMicros: number;
  /** Set aside for the next window. */
  leaseMicros: number;
  /** What the next window's lease lacks; serving goes on all the same. */
  leaseShortMicros: number;
  replayed: boolean;
}

/** Subject of a deployment's leases; the event time at which each begins follows it. */
export const leaseSubject = (deploymentId: string, from?: Date) =>
  `lease:${deploymentId}:${from ? from.toISOString() : ""}`;

/**
 * Charges a window's predictions and shadow scorings, settles the lease they ran on and leases the next window. Never refuses: when
 * money is out the shortfall is recorded (a refused lease and, the first time, a `budget.refused` event) and serving goes on.
 * It costs what its lease was taken at: a price set while it is served counts from the next window on.
 * A window in which nothing was served gives its lease back and takes none: traffic that comes again pays out of free money first.
 * Idempotent by (meter, deployment and version, window start).
 */
export async function meterInference(tx: Tx, scope: Scope, input: MeterInferenceInput): Promise<MeteredWindow> {
  const before = await lockBudget(tx, scope);
  const charges = chargesOf(input);
  if (charges.length === 0) {
    await releaseIdleLeases(tx, scope, input);
    return { amountMicros: 0, overageMicros: 0, leaseMicros: 0, leaseShortMicros: 0, replayed: false };
  }
  const card = await currentRateCard(tx, scope, await leasedAt(tx, scope, input));
  const { budget, amountMicros, recorded } = await recordCharges(tx, scope, before, card, charges);
  if (recorded === 0) {
    return { amountMicros: 0, overageMicros: 0, leaseMicros: 0, leaseShortMicros: 0, replayed: true };
  }
  // Everything metered and not yet committed: this window, and what earlier windows used beyond the limit.
  const owedMicros = overageOf(budget);
  const { settled, overageMicros, short } = await settleLeases(tx, scope, budget, input, owedMicros);
  const next = await currentRateCard(tx, scope);
  const lease = sizeLease({
    rows: charges.reduce((sum, charge) => sum + charge.quantity, 0),
    spentMicros: charges.reduce((sum, { meter, quantity }) => sum + amountOf(next, meter, quantity), 0),
    freeMicros: freeOf(settled),
    hard: settled.hard,
  });
  const leaseShortMicros = lease.wantedMicros - lease.amountMicros;
  if (lease.blocks > 0) {
    await insertReservation(tx, scope, settled, {
      subject: leaseSubject(input.deploymentId, input.to),
      state: "reserved",
      amountMicros: lease.amountMicros,
      reason: null,
      eventTime: input.to,
    });
    settled.reservedMicros += lease.amountMicros;
  }
  await writeTotals(tx, scope, settled);
  if (leaseShortMicros > 0) await recordShortfall(tx, scope, settled, input, lease, !short);
  return { amountMicros, overageMicros, leaseMicros: lease.amountMicros, leaseShortMicros, replayed: false };
}

/** When the window was leased, or its lease was refused; undefined for the first of a deployment, or the first after a window without traffic. */
async function leasedAt(tx: Tx, scope: Scope, { deploymentId, from }: MeterInferenceInput): Promise<Date | undefined> {
  const [lease] = await tx
    .select({ at: reservations.createdAt })
    .from(reservations)
    .where(
      and(
        eq(reservations.teamId, scope.teamId),
        eq(reservations.projectId, scope.projectId),
        eq(reservations.subject, leaseSubject(deploymentId, from)),
      ),
    )
    .orderBy(asc(reservations.createdAt))
    .limit(1);
  return lease?.at;
}

function chargesOf(input: MeterInferenceInput): Charge[] {
  const { deploymentId, from, to } = input;
  return Object.entries(input.versions).flatMap(([modelVersionId, { served, shadow }]) => {
    // One version may serve in two deployments, so the deployment is part of the charge's key.
    const common = { subject: `${deploymentId}/${modelVersionId}`, modelVersionId, deploymentId, from, to };
    const both = [
      { ...common, meter: PREDICTION_METER, quantity: served },
      { ...common, meter: SHADOW_METER, quantity: shadow },
    ];
    return both.filter((charge) => charge.quantity > 0);
  });
}

/** Leases that began before the window ended; a later one, seen when an old window is metered again, is another window's. */
async function releaseIdleLeases(tx: Tx, scope: Scope, { deploymentId, from, to }: MeterInferenceInput): Promise<void> {
  const idle = await tx
    .select({ id: reservations.id })
    .from(reservations)
    .where(
      and(
        eq(reservations.teamId, scope.teamId),
        eq(reservations.projectId, scope.projectId),
        like(reservations.subject, `${leaseSubject(deploymentId)}%`),
        eq(reservations.state, "reserved"),
        lt(reservations.eventTime, to),
      ),
    );
  const reason = `Nothing was served from ${from.toISOString()} to ${to.toISOString()}.`;
  for (const { id } of idle) await release(tx, scope, { reservationId: id, reason });
}

/** Pays a window out of its leases, then out of free money; answers the budget's new totals (not yet written). */
async function settleLeases(
  tx: Tx,
  scope: Scope,
  budget: Budget,
  input: MeterInferenceInput,
  owedMicros: number,
): Promise<{ settled: Budget; overageMicros: number; short: boolean }> {
  const mine = and(
    eq(reservations.teamId, scope.teamId),
    eq(reservations.projectId, scope.projectId),
    eq(reservations.budgetId, budget.id),
    like(reservations.subject, `${leaseSubject(input.deploymentId)}%`),
  );
  const open = await tx
    .select()
    .from(reservations)
    .where(and(mine, eq(reservations.state, "reserved")))
    .for("update");
  const [last] = await tx
    .select({ state: reservations.state })
    .from(reservations)
    .where(mine)
    .orderBy(desc(reservations.createdAt), desc(reservations.id))
    .limit(1);
  const held = open.reduce((sum, lease) => sum + lease.amountMicros, 0);
  const paid = settle(owedMicros, held, freeOf(budget), budget.hard, true);
  await closeLeases(tx, scope, open, paid.fromReservation);
  const settled = {
    ...budget,
    committedMicros: budget.committedMicros + paid.fromReservation + paid.fromFree,
    reservedMicros: budget.reservedMicros - held,
  };
  return { settled, overageMicros: paid.overage, short: last?.state === "refused" };
}

async function closeLeases(tx: Tx, scope: Scope, open: Reservation[], payMicros: number): Promise<void> {
  let left = payMicros;
  for (const lease of open) {
    const committedMicros = Math.min(left, lease.amountMicros);
    left -= committedMicros;
    await tx
      .update(reservations)
      .set({ state: "committed", committedMicros, settledAt: new Date() })
      .where(
        and(
          eq(reservations.teamId, scope.teamId),
          eq(reservations.projectId, scope.projectId),
          eq(reservations.id, lease.id),
        ),
      );
  }
}

async function recordShortfall(
  tx: Tx,
  scope: Scope,
  budget: Budget,
  input: MeterInferenceInput,
  lease: { blocks: number; wantedBlocks: number; amountMicros: number; wantedMicros: number },
  announce: boolean,
): Promise<void> {
  const money = (micros: number) => moneyText(micros, budget.currency);
  const short = lease.wantedMicros - lease.amountMicros;
  const reason =
    `Serving wants a lease of ${lease.wantedBlocks * LEASE_BLOCK} predictions (${money(lease.wantedMicros)}); ` +
    `budget "${budget.name}" has ${money(freeOf(budget) + lease.amountMicros)} free, short by ${money(short)}. ` +
    `Serving goes on; what it uses beyond the limit is shown as overage. Raise the limit to cover it.`;
  const refused = await insertReservation(tx, scope, budget, {
    subject: leaseSubject(input.deploymentId, input.to),
    state: "refused",
    amountMicros: short,
    reason,
    eventTime: input.to,
  });
  if (!announce) return;
  await emit(tx, scope, {
    name: "budget.refused",
    subject: refused.id,
    summary: reason,
    data: { for: refused.subject, deploymentId: input.deploymentId, shortByMicros: short, servingContinues: true },
    eventTime: input.to,
  });
}
