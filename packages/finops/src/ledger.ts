import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { budgets, costRecords, emit, type RateCard, reservations, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import { admit, freeOf, type Invoice } from "./budget-admission.ts";
import { type Budget, currentRateCard, lockBudget, writeTotals } from "./budgets.ts";
import { settle } from "./inference-lease.ts";
import { amountOf, rateOf } from "./rate-card.ts";

export type Reservation = typeof reservations.$inferSelect;

export interface ReserveInput {
  /** The budget's name; the project's own when left out. */
  budget?: string;
  /** What it pays for, e.g. a training job's id. Asking twice for one subject answers the same reservation. */
  subject: string;
  /** Worst case, micros. */
  amountMicros: number;
  eventTime: Date | null;
  /** For the event's summary: "training of flight-late". */
  label?: string;
}
export interface ReserveResult {
  reservation: Reservation;
  admitted: boolean;
  invoice: Invoice;
  summary: string;
}

/** A metered charge before it is priced. `to` is exclusive; both are event times. */
export interface Charge {
  meter: string;
  quantity: number;
  subject: string;
  modelVersionId?: string;
  deploymentId?: string;
  from: Date;
  to: Date;
}

const inScope = (scope: Scope) =>
  and(eq(reservations.teamId, scope.teamId), eq(reservations.projectId, scope.projectId));

async function bySubject(tx: Tx, scope: Scope, budgetId: string, subject: string): Promise<Reservation | undefined> {
  const [row] = await tx
    .select()
    .from(reservations)
    .where(and(inScope(scope), eq(reservations.budgetId, budgetId), eq(reservations.subject, subject)))
    .limit(1);
  return row;
}

/**
 * Sets the worst case aside, or records the refusal: a reservation in state `refused` and a `budget.refused` event that carries the
 * invoice. Never throws for want of money, so that the caller's transaction keeps the refusal. Idempotent by subject.
 * @throws AppError `invalid_input` for an amount that is not a whole number of micros of at least 0
 */
export async function reserve(tx: Tx, scope: Scope, input: ReserveInput): Promise<ReserveResult> {
  const { amountMicros, subject } = input;
  if (!Number.isSafeInteger(amountMicros) || amountMicros < 0) {
    throw new AppError("invalid_input", `amountMicros is ${amountMicros}; give whole micros of at least 0.`, {
      details: { field: "amountMicros" },
    });
  }
  const budget = await lockBudget(tx, scope, input.budget);
  const { admitted, invoice, summary } = admit(budget, amountMicros);
  const earlier = await bySubject(tx, scope, budget.id, subject);
  if (earlier) {
    return { reservation: earlier, admitted: earlier.state !== "refused", invoice, summary: earlier.reason ?? summary };
  }
  const reservation = await insertReservation(tx, scope, budget, {
    subject,
    state: admitted ? "reserved" : "refused",
    amountMicros,
    reason: admitted ? null : [summary, ...invoice.waysOut].join(" "),
    eventTime: input.eventTime,
  });
  if (admitted) await writeTotals(tx, scope, { ...budget, reservedMicros: budget.reservedMicros + amountMicros });
  await emit(tx, scope, {
    name: admitted ? "budget.reserved" : "budget.refused",
    subject: reservation.id,
    summary: input.label ? `${input.label}: ${summary}` : summary,
    data: { for: subject, invoice: { ...invoice } },
    eventTime: input.eventTime,
  });
  return { reservation, admitted, invoice, summary };
}

/** Writes a reservation row; moves no totals. */
export async function insertReservation(
  tx: Tx,
  scope: Scope,
  budget: Budget,
  row: Pick<Reservation, "subject" | "state" | "amountMicros" | "reason" | "eventTime">,
): Promise<Reservation> {
  const [made] = await tx
    .insert(reservations)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("reservation"),
      budgetId: budget.id,
      settledAt: row.state === "refused" ? new Date() : null,
      ...row,
    })
    .returning();
  if (!made) throw new AppError("internal", "insert of a reservation returned no row");
  return made;
}

/**
 * Prices and writes charges of a locked budget; answers what the new ones come to, and the budget with them in its metered total, for
 * the caller to write ({@link writeTotals}). A charge that is there already costs nothing more.
 */
export async function recordCharges(
  tx: Tx,
  scope: Scope,
  budget: Budget,
  card: RateCard,
  charges: readonly Charge[],
): Promise<{ budget: Budget; amountMicros: number; recorded: number }> {
  const rows = charges
    .filter((charge) => charge.quantity !== 0)
    .map((charge) => ({
      teamId: scope.teamId,
      projectId: scope.projectId,
      id: newId("costRecord"),
      budgetId: budget.id,
      rateMicros: rateOf(card, charge.meter),
      amountMicros: amountOf(card, charge.meter, charge.quantity),
      ...charge,
    }));
  if (rows.length === 0) return { budget, amountMicros: 0, recorded: 0 };
  const made = await tx
    .insert(costRecords)
    .values(rows)
    .onConflictDoNothing()
    .returning({ amountMicros: costRecords.amountMicros });
  const amountMicros = made.reduce((sum, row) => sum + row.amountMicros, 0);
  const metered = { ...budget, meteredMicros: budget.meteredMicros + amountMicros };
  return { budget: metered, amountMicros, recorded: made.length };
}

/** The reservation and its budget, both locked, the budget first: one order everywhere, so no deadlock. */
async function lockReservation(
  tx: Tx,
  scope: Scope,
  id: string,
): Promise<{ budget: Budget; reservation: Reservation }> {
  const mine = and(inScope(scope), eq(reservations.id, id));
  const [seen] = await tx.select().from(reservations).where(mine);
  if (!seen) throw notFound("Reservation", id);
  const budget = await lockBudgetById(tx, scope, seen.budgetId);
  const [reservation] = await tx.select().from(reservations).where(mine).for("update");
  if (!reservation) throw notFound("Reservation", id);
  return { budget, reservation };
}

async function lockBudgetById(tx: Tx, scope: Scope, id: string): Promise<Budget> {
  const [budget] = await tx
    .select()
    .from(budgets)
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId), eq(budgets.id, id)))
    .for("update");
  if (!budget) throw notFound("Budget", id);
  return budget;
}

export interface CommitResult {
  committedMicros: number;
  releasedMicros: number;
  /** Metered beyond the worst case: recorded and shown, never committed. 0 unless a trainer broke its own estimate. */
  overageMicros: number;
  /** True when it had been committed before: nothing was charged now. */
  replayed: boolean;
}

/**
 * Charges what the work came to, at the prices it was admitted at, and gives the rest of the reservation back. Idempotent.
 * @throws AppError `not_found`; `conflict` for a reservation that was released or refused
 */
export async function commit(
  tx: Tx,
  scope: Scope,
  input: { reservationId: string; charges: readonly Charge[] },
): Promise<CommitResult> {
  const { budget, reservation } = await lockReservation(tx, scope, input.reservationId);
  if (reservation.state === "committed") {
    const committedMicros = reservation.committedMicros ?? 0;
    const releasedMicros = reservation.amountMicros - committedMicros;
    return { committedMicros, releasedMicros, overageMicros: 0, replayed: true };
  }
  if (reservation.state !== "reserved") {
    throw new AppError("conflict", `Reservation ${reservation.id} is ${reservation.state}; it cannot be committed.`);
  }
  const card = await currentRateCard(tx, scope, reservation.createdAt);
  const { budget: metered, amountMicros } = await recordCharges(tx, scope, budget, card, input.charges);
  const paid = settle(amountMicros, reservation.amountMicros, freeOf(budget), budget.hard, false);
  await writeTotals(tx, scope, {
    ...metered,
    committedMicros: budget.committedMicros + paid.fromReservation,
    reservedMicros: budget.reservedMicros - reservation.amountMicros,
  });
  await tx
    .update(reservations)
    .set({ state: "committed", committedMicros: paid.fromReservation, settledAt: new Date() })
    .where(and(inScope(scope), eq(reservations.id, reservation.id)));
  return {
    committedMicros: paid.fromReservation,
    releasedMicros: paid.released,
    overageMicros: paid.overage,
    replayed: false,
  };
}

/** Gives a reservation back uncharged. Idempotent; answers 0 for one that is already settled. */
export async function release(
  tx: Tx,
  scope: Scope,
  input: { reservationId: string; reason: string },
): Promise<{ releasedMicros: number }> {
  const { budget, reservation } = await lockReservation(tx, scope, input.reservationId);
  if (reservation.state !== "reserved") return { releasedMicros: 0 };
  await writeTotals(tx, scope, { ...budget, reservedMicros: budget.reservedMicros - reservation.amountMicros });
  await tx
    .update(reservations)
    .set({ state: "released", committedMicros: 0, reason: input.reason, settledAt: new Date() })
    .where(and(inScope(scope), eq(reservations.id, reservation.id)));
  return { releasedMicros: reservation.amountMicros };
}
