import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type Admission, admit } from "@ballast/finops";
import { amountOf, currentRateCard, PROJECT_BUDGET, projectBudget, trainingMeter } from "@ballast/finops/server";
import { getPipeline } from "./pipelines.ts";
import type { RequestTrainingInput, TrainingRequestDeps } from "./request-training.ts";
import { countRowsAtMost, firstBlocked, openUnitIncidents } from "./row-bounds.ts";
import { trainRowsAtMost } from "./split-rows.ts";

/** What a training would cost at worst and whether the budget would take it, were it asked for now. */
export interface TrainingEstimate extends Admission {
  /** Upper bound of the rows found in the range. */
  rowsAtMost: number;
  /** Worst case in the trainer's own unit. */
  unit: string;
  quantity: number;
  currency: string;
  worstCaseMicros: number;
  hard: boolean;
  /** An open incident whose rows nobody may train on; null when none overlaps. */
  blockedBy: { incidentId: string; title: string; from: Date } | null;
}

/**
 * Prices a training as {@link requestTraining} would, without asking for it: nothing is written, nothing is reserved, so another
 * request may take the money in between.
 * @throws AppError `not_found` for pipeline or trainer, `invalid_input` for parameters the trainer refuses
 */
export async function estimateTraining(
  tx: Tx,
  scope: Scope,
  input: Pick<RequestTrainingInput, "pipeline" | "from" | "to" | "params">,
  deps: TrainingRequestDeps,
): Promise<TrainingEstimate> {
  const { spec } = await getPipeline(tx, scope, input.pipeline);
  const rows = await (deps.countRows ?? countRowsAtMost)(tx, scope, { spec, from: input.from, to: input.to });
  const { unit, worstCase } = deps.plugins.trainer(spec.trainer).estimate({
    rows: trainRowsAtMost(rows, spec.validationShare, spec.testShare),
    features: spec.features.length,
    params: { ...spec.params, ...input.params },
  });
  const card = await currentRateCard(tx, scope);
  const worstCaseMicros = amountOf(card, trainingMeter(unit), worstCase);
  const found = await projectBudget(tx, scope);
  // A project without a budget meters and admits everything, as the ledger does.
  const none = { hard: false, limitMicros: 0, committedMicros: 0, reservedMicros: 0 };
  const state = found ?? { name: PROJECT_BUDGET, currency: card.currency, ...none };
  const blocked = firstBlocked(await (deps.blockedRanges ?? openUnitIncidents)(tx, scope), input.from, input.to);
  return {
    ...admit(state, worstCaseMicros, "estimate"),
    ...{ rowsAtMost: rows, unit, quantity: worstCase, currency: card.currency, worstCaseMicros, hard: state.hard },
    blockedBy: blocked ? { incidentId: blocked.incidentId, title: blocked.title, from: blocked.from } : null,
  };
}
