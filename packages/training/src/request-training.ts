import { AppError, isoDay, newId, type Scope } from "@ballast/core";
import { watermarkOf } from "@ballast/datasets/server";
import { emit, type Tx, trainingJobs } from "@ballast/db";
import { amountOf, currentRateCard, reserve, trainingMeter } from "@ballast/finops/server";
import type { PluginHost } from "@ballast/plugin-sdk";
import { DEFAULT_PLAN } from "./index.ts";
import { getPipeline, type Pipeline } from "./pipelines.ts";
import { type BlockedRanges, type CountRows, countRowsAtMost, firstBlocked, openUnitIncidents } from "./row-bounds.ts";
import { trainRowsAtMost } from "./split-rows.ts";

export type TrainingJob = typeof trainingJobs.$inferSelect;

export interface RequestTrainingInput {
  /** The pipeline's name or id. */
  pipeline: string;
  /** `initial`, `manual`, `policy:<name>`. */
  cause: string;
  /** Rows whose label was known in (from, to], event time. */
  from: Date;
  to: Date;
  /** Override the pipeline's trainer parameters. */
  params?: TrainingJob["params"];
  plan?: TrainingJob["plan"];
  /** Event time of the request; when left out `to`, or how far the stream is where that lies in its future. */
  eventTime?: Date;
}
export interface TrainingRequestDeps {
  plugins: PluginHost;
  /** Default: {@link countRowsAtMost}. */
  countRows?: CountRows;
  /** Default: {@link openUnitIncidents}. */
  blockedRanges?: BlockedRanges;
}

/**
 * Asks for a training. The answer is a job: `queued` with money reserved for its worst case, or `refused` with the reason: an open
 * incident that overlaps the rows, no rows, or a budget that cannot take the worst case (the reason is then the invoice). Emits
 * `training.requested` or `training.refused`.
 * @throws AppError `not_found` for pipeline or trainer, `invalid_input` for parameters the trainer refuses or an empty range
 */
export async function requestTraining(
  tx: Tx,
  scope: Scope,
  input: RequestTrainingInput,
  deps: TrainingRequestDeps,
): Promise<TrainingJob> {
  const pipeline = await getPipeline(tx, scope, input.pipeline);
  if (!(input.from < input.to)) {
    throw new AppError(
      "invalid_input",
      `from (${input.from.toISOString()}) must be before to (${input.to.toISOString()}).`,
      {
        details: { field: "from" },
      },
    );
  }
  const draft = draftOf(scope, pipeline, input, input.eventTime ?? (await eventTimeOf(tx, scope, input.to)));
  const { spec } = pipeline;
  const trainer = deps.plugins.trainer(spec.trainer);
  const blocked = firstBlocked(await (deps.blockedRanges ?? openUnitIncidents)(tx, scope), input.from, input.to);
  const rows = await (deps.countRows ?? countRowsAtMost)(tx, scope, { spec, from: input.from, to: input.to });
  const estimate = trainer.estimate({
    rows: trainRowsAtMost(rows, spec.validationShare, spec.testShare),
    features: spec.features.length,
    params: { ...spec.params, ...draft.params },
  });
  if (blocked)
    return refuse(tx, scope, pipeline, draft, blockedReason(blocked, draft), { incidentId: blocked.incidentId });
  if (rows === 0) {
    const where = `${isoDay(input.from.getTime())} to ${isoDay(input.to.getTime())}`;
    return refuse(
      tx,
      scope,
      pipeline,
      draft,
      `No row of "${spec.source}" or "${spec.dataset}" has a label known in ${where}.`,
      {},
    );
  }
  const card = await currentRateCard(tx, scope);
  const { reservation, admitted, invoice, summary } = await reserve(tx, scope, {
    subject: draft.id,
    amountMicros: amountOf(card, trainingMeter(estimate.unit), estimate.worstCase),
    eventTime: draft.eventTime,
    label: `Training of ${spec.modelName} (${draft.cause})`,
  });
  if (!admitted) {
    const reason = reservation.reason ?? summary;
    return refuse(tx, scope, pipeline, { ...draft, reservationId: reservation.id }, reason, {
      invoice: { ...invoice },
    });
  }
  const job = await insertJob(tx, { ...draft, reservationId: reservation.id });
  await emit(tx, scope, {
    name: "training.requested",
    subject: job.id,
    summary: `Training of ${spec.modelName} asked for (${job.cause}): at most ${rows} rows. ${summary}`,
    data: {
      jobId: job.id,
      pipeline: pipeline.name,
      cause: job.cause,
      rowsAtMost: rows,
      estimate,
      invoice: { ...invoice },
    },
    eventTime: job.eventTime,
  });
  return job;
}

type Draft = Pick<TrainingJob, "id" | "cause" | "params" | "plan"> &
  typeof trainingJobs.$inferInsert & { eventTime: Date };

/** A range may end in the future ("all there will be"); what is asked for, and charged, happens now. */
async function eventTimeOf(tx: Tx, scope: Scope, to: Date): Promise<Date> {
  return new Date(Math.min(to.getTime(), (await watermarkOf(tx, scope)) ?? Date.now()));
}

function draftOf(scope: Scope, pipeline: Pipeline, input: RequestTrainingInput, eventTime: Date): Draft {
  return {
    teamId: scope.teamId,
    projectId: scope.projectId,
    id: newId("trainingJob"),
    pipelineId: pipeline.id,
    cause: input.cause,
    state: "queued",
    from: input.from,
    to: input.to,
    params: input.params ?? {},
    plan: input.plan ?? DEFAULT_PLAN,
    createdBy: scope.actor.name,
    eventTime,
  };
}

function blockedReason(blocked: { incidentId: string; title: string; from: Date }, draft: Draft): string {
  const asked = `${isoDay(draft.from.getTime())} to ${isoDay(draft.to.getTime())}`;
  return (
    `Rows from ${blocked.from.toISOString()} on are not trained on while incident ${blocked.incidentId} is open: ${blocked.title}. ` +
    `The range asked for (${asked}) overlaps it. Resolve the incident, or end the range before it.`
  );
}

async function insertJob(tx: Tx, draft: typeof trainingJobs.$inferInsert): Promise<TrainingJob> {
  const [job] = await tx.insert(trainingJobs).values(draft).returning();
  if (!job) throw new AppError("internal", "insert of a training job returned no row");
  return job;
}

async function refuse(
  tx: Tx,
  scope: Scope,
  pipeline: Pipeline,
  draft: Draft,
  reason: string,
  data: Record<string, unknown>,
): Promise<TrainingJob> {
  const job = await insertJob(tx, { ...draft, state: "refused", reason, endedAt: new Date() });
  await emit(tx, scope, {
    name: "training.refused",
    subject: job.id,
    summary: `Training of ${pipeline.spec.modelName} (${job.cause}) refused: ${reason}`,
    data: { jobId: job.id, pipeline: pipeline.name, cause: job.cause, reason, ...data },
    eventTime: job.eventTime,
  });
  return job;
}
