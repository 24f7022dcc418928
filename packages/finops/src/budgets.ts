import { AppError, newId, type Scope } from "@ballast/core";
import { budgets, type RateCard, rateCards, type Tx } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, asc, desc, eq, lte, ne } from "drizzle-orm";
import { freeOf } from "./budget-admission.ts";
import type { BudgetInput } from "./index.ts";
import { moneyText } from "./money.ts";
import { DEFAULT_RATE_CARD } from "./rate-card.ts";

export type Budget = typeof budgets.$inferSelect;

/** Name of the budget a project gets that was given none. */
export const PROJECT_BUDGET = "project";

/** The budget charges go to unless one is named: the project's first hard one, else its first; null before there is any. */
export async function projectBudget(tx: Tx, scope: Scope): Promise<Budget | null> {
  const [found] = await tx
    .select()
    .from(budgets)
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId)))
    .orderBy(desc(budgets.hard), asc(budgets.createdAt), asc(budgets.id))
    .limit(1);
  return found ?? null;
}

/**
 * A budget, locked until the transaction ends: everything that moves money takes this lock first, so two admissions cannot both read
 * the same free amount. Without a name it is the project's own ({@link projectBudget}); a project that was given none gets a soft one with
 * limit 0, which meters and admits all. @throws AppError `not_found` for a name nobody defined
 */
export async function lockBudget(tx: Tx, scope: Scope, name?: string): Promise<Budget> {
  const wanted = name ?? (await projectBudget(tx, scope))?.name ?? (await makeSoftBudget(tx, scope));
  const [found] = await tx
    .select()
    .from(budgets)
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId), eq(budgets.name, wanted)))
    .for("update");
  if (found) return found;
  throw new AppError("not_found", `Budget "${wanted}" does not exist; define it first.`, {
    details: { field: "budget" },
  });
}

async function makeSoftBudget(tx: Tx, scope: Scope): Promise<string> {
  const card = await currentRateCard(tx, scope);
  await tx
    .insert(budgets)
    .values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id: newId("budget"), name: PROJECT_BUDGET },
      ...{ currency: card.currency, hard: false, limitMicros: 0 },
    })
    .onConflictDoNothing();
  return PROJECT_BUDGET;
}

/** Writes new totals of a locked budget. The database refuses a hard one with committed + reserved > limit. */
export async function writeTotals(tx: Tx, scope: Scope, budget: Budget): Promise<void> {
  const { committedMicros, reservedMicros, meteredMicros } = budget;
  await tx
    .update(budgets)
    .set({ committedMicros, reservedMicros, meteredMicros })
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId), eq(budgets.id, budget.id)));
}

/** What was metered on a budget but not committed, because serving went on beyond its hard limit. */
export const overageOf = (budget: Budget): number => budget.meteredMicros - budget.committedMicros;

/**
 * Creates a budget or changes its limit. Overage of the past is taken into a raised limit first, as it is owed.
 * @throws AppError `conflict` when a hard limit lies below what is committed and reserved, or the currency is not the rate card's
 */
export async function setBudget(tx: Tx, scope: Scope, input: BudgetInput): Promise<Budget> {
  const card = await currentRateCard(tx, scope);
  if (card.currency !== input.currency) {
    throw new AppError(
      "conflict",
      `currency is ${input.currency}, but the project's prices are in ${card.currency}; a budget is in the currency of the prices.`,
      {
        details: { field: "currency" },
      },
    );
  }
  await tx
    .insert(budgets)
    .values({ teamId: scope.teamId, projectId: scope.projectId, id: newId("budget"), ...input })
    .onConflictDoNothing();
  const before = await lockBudget(tx, scope, input.name);
  const held = before.committedMicros + before.reservedMicros;
  if (input.hard && held > input.limitMicros) {
    const money = (micros: number) => moneyText(micros, input.currency);
    throw new AppError(
      "conflict",
      `limitMicros: a hard limit of ${money(input.limitMicros)} is below the ${money(held)} already committed and reserved; set at least that.`,
      { details: { field: "limitMicros", leastMicros: held } },
    );
  }
  const next = { ...before, hard: input.hard, limitMicros: input.limitMicros };
  const owed = overageOf(before);
  next.committedMicros += input.hard ? Math.min(owed, freeOf(next)) : owed;
  await tx
    .update(budgets)
    .set({ hard: next.hard, limitMicros: next.limitMicros, committedMicros: next.committedMicros })
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId), eq(budgets.id, next.id)));
  await audit(tx, scope, {
    action: "budget.set",
    subject: next.id,
    detail: { ...input, limitBeforeMicros: before.limitMicros },
  });
  return next;
}

/** The rate card in force, or the one that was at `at`; the default before any was set. */
export async function currentRateCard(tx: Tx, scope: Scope, at?: Date): Promise<RateCard> {
  const [row] = await tx
    .select({ card: rateCards.card })
    .from(rateCards)
    .where(
      and(
        eq(rateCards.teamId, scope.teamId),
        eq(rateCards.projectId, scope.projectId),
        at ? lte(rateCards.createdAt, at) : undefined,
      ),
    )
    .orderBy(desc(rateCards.createdAt), desc(rateCards.id))
    .limit(1);
  return row?.card ?? DEFAULT_RATE_CARD;
}

/**
 * Puts prices in force; those it does not name stay. Work admitted before keeps the prices it was admitted at. Another
 * currency becomes that of the project's budgets too; limits, and prices it does not name, keep their figures.
 * @throws AppError `conflict` for another currency once money of a budget was spent or set aside
 */
export async function setRateCard(tx: Tx, scope: Scope, card: RateCard): Promise<{ id: string }> {
  const before = await currentRateCard(tx, scope);
  await changeCurrency(tx, scope, card.currency);
  const id = newId("rateCard");
  const full: RateCard = { currency: card.currency, rates: { ...before.rates, ...card.rates } };
  await tx.insert(rateCards).values({ teamId: scope.teamId, projectId: scope.projectId, id, card: full });
  await audit(tx, scope, { action: "rate_card.set", subject: id, detail: { ...full } });
  return { id };
}

async function changeCurrency(tx: Tx, scope: Scope, currency: string): Promise<void> {
  const foreign = and(
    eq(budgets.teamId, scope.teamId),
    eq(budgets.projectId, scope.projectId),
    ne(budgets.currency, currency),
  );
  const others = await tx.select().from(budgets).where(foreign).orderBy(asc(budgets.id)).for("update");
  const moved = others.find((b) => b.meteredMicros > 0 || b.committedMicros > 0 || b.reservedMicros > 0);
  if (moved) {
    throw new AppError(
      "conflict",
      `currency is ${currency}, but money of budget "${moved.name}" was spent or set aside in ${moved.currency}: from then on a project's currency is final.`,
      { details: { field: "currency" } },
    );
  }
  if (others.length > 0) await tx.update(budgets).set({ currency }).where(foreign);
}
