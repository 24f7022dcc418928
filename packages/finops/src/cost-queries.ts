import { dayStart, type Scope } from "@ballast/core";
import {
  budgets,
  costRecords,
  domainEvents,
  modelVersions,
  registeredModels,
  reservations,
  type Tx,
} from "@ballast/db";
import { and, asc, desc, eq, gte, inArray, lt, max, min, notLike, or, sql } from "drizzle-orm";
import { freeOf, type Invoice } from "./budget-admission.ts";
import { overageOf } from "./budgets.ts";
import { PREDICTION_METER } from "./rate-card.ts";
import { basisFrom, type DayCost, forecastRunRate, type RunRateForecast } from "./run-rate.ts";

export interface BudgetSummary {
  id: string;
  name: string;
  currency: string;
  hard: boolean;
  limitMicros: number;
  committedMicros: number;
  reservedMicros: number;
  freeMicros: number;
  /** Used by serving beyond a hard limit: shown here, never part of committed. */
  overageMicros: number;
  /** committed + reserved ≤ limit, or the budget is soft. True always, kept by the database; here for all to see. */
  invariantHolds: boolean;
  /** Requests refused; lease shortfalls of serving, which refuse nobody, are not among them. */
  refusals: number;
  forecast: RunRateForecast;
}

const day = sql<string>`to_char(${costRecords.from} at time zone 'UTC', 'YYYY-MM-DD')`;
const total = sql<string>`sum(${costRecords.amountMicros})`;
const costsOf = (scope: Scope) => and(eq(costRecords.teamId, scope.teamId), eq(costRecords.projectId, scope.projectId));

/** Every budget of the project with what it holds and how long it lasts; the one that charges go to comes first. */
export async function budgetSummaries(tx: Tx, scope: Scope): Promise<BudgetSummary[]> {
  const rows = await tx
    .select()
    .from(budgets)
    .where(and(eq(budgets.teamId, scope.teamId), eq(budgets.projectId, scope.projectId)))
    .orderBy(desc(budgets.hard), asc(budgets.createdAt), asc(budgets.id));
  const summaries: BudgetSummary[] = [];
  for (const budget of rows) {
    const [refused] = await tx
      .select({ n: sql<string>`count(*)` })
      .from(reservations)
      .where(
        and(
          eq(reservations.teamId, scope.teamId),
          eq(reservations.projectId, scope.projectId),
          eq(reservations.budgetId, budget.id),
          eq(reservations.state, "refused"),
          notLike(reservations.subject, "lease:%"),
        ),
      );
    const { id, name, currency, hard, limitMicros, committedMicros, reservedMicros } = budget;
    const dayCosts = await costsOfBasis(tx, scope, id);
    summaries.push({
      ...{ id, name, currency, hard, limitMicros, committedMicros, reservedMicros },
      freeMicros: freeOf(budget),
      overageMicros: overageOf(budget),
      invariantHolds: !hard || committedMicros + reservedMicros <= limitMicros,
      refusals: Number(refused?.n ?? 0),
      forecast: forecastRunRate(dayCosts, committedMicros, limitMicros),
    });
  }
  return summaries;
}

/** What the budget's days cost that the forecast is made from: the newest ones, and the first, which says how far back they may go. */
async function costsOfBasis(tx: Tx, scope: Scope, budgetId: string): Promise<DayCost[]> {
  const mine = and(costsOf(scope), eq(costRecords.budgetId, budgetId));
  const { from } = costRecords;
  const [span] = await tx
    .select({ first: min(from), newest: max(from) })
    .from(costRecords)
    .where(mine);
  if (!span?.first || !span.newest) return [];
  const basis = new Date(basisFrom(dayStart(+span.newest)));
  const days = await tx
    .select({ day, total })
    .from(costRecords)
    .where(and(mine, or(gte(from, basis), eq(from, span.first))))
    .groupBy(day);
  return days.map((d) => ({ day: Date.parse(`${d.day}T00:00:00Z`), amountMicros: Number(d.total) }));
}

export interface DailyCost {
  /** Event day, `2001-06-20`. */
  day: string;
  meter: string;
  subject: string;
  modelVersionId: string | null;
  deploymentId: string | null;
  quantity: number;
  amountMicros: number;
}

/** Cost by event day, meter and subject, oldest first; `from` inclusive, `to` exclusive. */
export async function costByDay(tx: Tx, scope: Scope, range: { from?: Date; to?: Date } = {}): Promise<DailyCost[]> {
  const { meter, subject, modelVersionId, deploymentId, from } = costRecords;
  const rows = await tx
    .select({
      ...{ day, meter, subject, modelVersionId, deploymentId },
      quantity: sql<string>`sum(${costRecords.quantity})`,
      total,
    })
    .from(costRecords)
    .where(
      and(costsOf(scope), range.from ? gte(from, range.from) : undefined, range.to ? lt(from, range.to) : undefined),
    )
    .groupBy(day, meter, subject, modelVersionId, deploymentId)
    .orderBy(day, meter, subject);
  return rows.map(({ quantity, total: amount, ...row }) => ({
    ...row,
    quantity: Number(quantity),
    amountMicros: Number(amount),
  }));
}

export interface UnitCost {
  modelVersionId: string;
  /** The model's name and the version's number; null once it is deleted for good. */
  model: string | null;
  version: number | null;
  currency: string;
  /** Answers given to callers. Shadow scorings cost money and answer nobody, so they raise the price of each answer. */
  predictions: number;
  servingMicros: number;
  trainingMicros: number;
  /** Serving cost (answers and shadow scorings) per 1,000 predictions; null before the first. */
  servingPer1000Micros: number | null;
  /** Training cost spread over the predictions so far, per 1,000; falls as it serves. Null before the first. */
  trainingPer1000Micros: number | null;
}

/** Cost per 1,000 predictions of model versions, serving and amortised training apart; of one version, of one model's, or of all. */
export async function unitCosts(
  tx: Tx,
  scope: Scope,
  filter: { modelId?: string; versionId?: string } = {},
): Promise<UnitCost[]> {
  const ofModel = filter.modelId
    ? inArray(
        costRecords.modelVersionId,
        tx
          .select({ id: modelVersions.id })
          .from(modelVersions)
          .where(
            and(
              eq(modelVersions.teamId, scope.teamId),
              eq(modelVersions.projectId, scope.projectId),
              eq(modelVersions.modelId, filter.modelId),
            ),
          ),
      )
    : sql`${costRecords.modelVersionId} is not null`;
  const rows = await tx
    .select({
      ...{ modelVersionId: costRecords.modelVersionId, model: registeredModels.name, version: modelVersions.version },
      currency: budgets.currency,
      predictions: sql<string>`coalesce(sum(${costRecords.quantity}) filter (where ${costRecords.meter} = ${PREDICTION_METER}), 0)`,
      serving: sql<string>`coalesce(sum(${costRecords.amountMicros}) filter (where ${costRecords.meter} like 'inference.%'), 0)`,
      training: sql<string>`coalesce(sum(${costRecords.amountMicros}) filter (where ${costRecords.meter} like 'training.%'), 0)`,
    })
    .from(costRecords)
    .innerJoin(budgets, and(eq(budgets.teamId, costRecords.teamId), eq(budgets.id, costRecords.budgetId)))
    .leftJoin(
      modelVersions,
      and(eq(modelVersions.teamId, costRecords.teamId), eq(modelVersions.id, costRecords.modelVersionId)),
    )
    .leftJoin(
      registeredModels,
      and(eq(registeredModels.teamId, modelVersions.teamId), eq(registeredModels.id, modelVersions.modelId)),
    )
    .where(
      and(costsOf(scope), ofModel, filter.versionId ? eq(costRecords.modelVersionId, filter.versionId) : undefined),
    )
    .groupBy(costRecords.modelVersionId, registeredModels.name, modelVersions.version, budgets.currency)
    .orderBy(costRecords.modelVersionId);
  return rows.map((row) => {
    const predictions = Number(row.predictions);
    const per1000 = (micros: number) => (predictions > 0 ? (1_000 * micros) / predictions : null);
    const [servingMicros, trainingMicros] = [Number(row.serving), Number(row.training)];
    return {
      ...{ modelVersionId: row.modelVersionId ?? "", model: row.model, version: row.version, currency: row.currency },
      ...{ predictions, servingMicros, trainingMicros },
      servingPer1000Micros: per1000(servingMicros),
      trainingPer1000Micros: per1000(trainingMicros),
    };
  });
}

export interface Refusal {
  reservationId: string;
  /** Training job's id, or `lease:<deployment>:<from>` where serving went on without cover. */
  subject: string;
  kind: "work" | "lease";
  amountMicros: number;
  reason: string;
  /** As it was at the refusal; null for a lease. */
  invoice: Invoice | null;
  eventTime: Date | null;
  createdAt: Date;
}

/** Refused requests, newest first, at most `limit`; with `leases` also the leases that serving went on without, one a window. */
export async function listRefusals(
  tx: Tx,
  scope: Scope,
  { limit = 50, leases = false }: { limit?: number; leases?: boolean } = {},
): Promise<Refusal[]> {
  const rows = await tx
    .select({ row: reservations, data: domainEvents.data })
    .from(reservations)
    .leftJoin(
      domainEvents,
      and(
        eq(domainEvents.teamId, scope.teamId),
        eq(domainEvents.projectId, scope.projectId),
        eq(domainEvents.subject, reservations.id),
        eq(domainEvents.name, "budget.refused"),
      ),
    )
    .where(
      and(
        eq(reservations.teamId, scope.teamId),
        eq(reservations.projectId, scope.projectId),
        eq(reservations.state, "refused"),
        leases ? undefined : notLike(reservations.subject, "lease:%"),
      ),
    )
    .orderBy(desc(reservations.createdAt), desc(reservations.id))
    .limit(limit);
  return rows.map(({ row, data }) => ({
    reservationId: row.id,
    subject: row.subject,
    kind: row.subject.startsWith("lease:") ? "lease" : "work",
    amountMicros: row.amountMicros,
    reason: row.reason ?? "",
    invoice: (data?.invoice as Invoice | undefined) ?? null,
    eventTime: row.eventTime,
    createdAt: row.createdAt,
  }));
}
