import type { Database } from "@ballast/db";
import { projectProcedure } from "@ballast/governance/trpc";
import { z } from "zod";
import {
  datasetInputSchema,
  historyQuerySchema,
  RUN_STATES,
  runArtifactSchema,
  runMetricsSchema,
  runParamsSchema,
  runQuerySchema,
  runTagsSchema,
  trackingBatchSchema,
} from "./index.ts";
import { listRuns } from "./list-runs.ts";
import { metricHistory } from "./metric-history.ts";
import { logRunInputs } from "./run-links.ts";
import {
  finishRun,
  getRun,
  logMetrics,
  logParams,
  restoreRun,
  startRun,
  tagRun,
  trashRun,
  untagRun,
  updateRun,
} from "./runs.ts";
import { TrackingWriter } from "./tracking-writer.ts";

const runId = z.string().min(1);
const oneRun = z.object({ runId });
const name = z.string().trim().min(1).max(250);
const newRun = z.object({
  ...{ experiment: name.optional(), experimentId: z.string().min(1).optional(), name },
  ...{ params: runParamsSchema.optional(), tags: runTagsSchema.optional() },
  inputs: z.array(runArtifactSchema).max(100).optional(),
  codeVersion: z.string().min(1).max(250).optional(),
  eventTime: z.date().optional(),
  startedAt: z.date().optional(),
  parentId: z.string().min(1).nullish(),
});
const ending = z.object({
  runId,
  state: z.enum(RUN_STATES).exclude(["running", "scheduled"]),
  metrics: runMetricsSchema.optional(),
  outputs: z.array(runArtifactSchema).max(100).optional(),
  error: z.string().max(10_000).optional(),
});
const change = z.object({
  runId,
  state: z.enum(RUN_STATES).optional(),
  endedAt: z.date().optional(),
  name: name.optional(),
});
const inputs = z.object({
  runId,
  datasets: z.array(datasetInputSchema).max(100).optional(),
  models: z.array(z.string().min(1).max(100)).max(100).optional(),
});

/** One per pool: calls that come at once share commits. */
const writers = new WeakMap<Database, TrackingWriter>();
function writerOf(db: Database): TrackingWriter {
  const writer = writers.get(db) ?? new TrackingWriter(db);
  writers.set(db, writer);
  return writer;
}

const pairs = <V>(record: Record<string, V> | undefined) =>
  record ? Object.entries(record).map(([key, value]) => ({ key, value })) : [];

const reading = {
  runs: projectProcedure("project.read")
    .input(z.object({ query: runQuerySchema.optional() }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listRuns(tx, ctx.scope, input.query))),
  run: projectProcedure("project.read")
    .input(oneRun)
    .query(({ ctx, input }) => ctx.inTenant((tx) => getRun(tx, ctx.scope, input.runId))),
  history: projectProcedure("project.read")
    .input(historyQuerySchema)
    .query(({ ctx, input }) =>
      ctx.inTenant((tx) => metricHistory(tx, ctx.scope, { ...input, after: input.after ?? null })),
    ),
};

const logging = {
  startRun: projectProcedure("experiment.write")
    .input(newRun)
    .mutation(({ ctx, input: { team: _team, project: _project, ...run } }) =>
      ctx.inTenant((tx) => startRun(tx, ctx.scope, run)),
    ),
  log: projectProcedure("experiment.write")
    .input(z.object({ runId, params: runParamsSchema.optional(), metrics: runMetricsSchema.optional() }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        if (input.params) await logParams(tx, ctx.scope, input.runId, input.params);
        if (input.metrics) await logMetrics(tx, ctx.scope, input.runId, input.metrics);
      }),
    ),
  logBatch: projectProcedure("experiment.write")
    .input(trackingBatchSchema.extend({ runId }))
    .mutation(({ ctx, input: { runId: id, metrics, params, tags } }) =>
      writerOf(ctx.db).logBatch(ctx.scope, id, { metrics, params: pairs(params), tags: pairs(tags) }),
    ),
  logInputs: projectProcedure("experiment.write")
    .input(inputs)
    .mutation(({ ctx, input: { runId: id, datasets, models } }) =>
      ctx.inTenant((tx) => logRunInputs(tx, ctx.scope, id, { datasets, models })),
    ),
  finishRun: projectProcedure("experiment.write")
    .input(ending)
    .mutation(({ ctx, input: { team: _team, project: _project, ...end } }) =>
      ctx.inTenant((tx) => finishRun(tx, ctx.scope, end)),
    ),
};

const changing = {
  updateRun: projectProcedure("experiment.write")
    .input(change)
    .mutation(({ ctx, input: { team: _team, project: _project, ...to } }) =>
      ctx.inTenant((tx) => updateRun(tx, ctx.scope, to)),
    ),
  tagRun: projectProcedure("experiment.write")
    .input(z.object({ runId, tags: runTagsSchema }))
    .mutation(({ ctx, input: { runId: id, tags } }) => ctx.inTenant((tx) => tagRun(tx, ctx.scope, id, tags))),
  untagRun: projectProcedure("experiment.write")
    .input(z.object({ runId, key: name }))
    .mutation(({ ctx, input: { runId: id, key } }) => ctx.inTenant((tx) => untagRun(tx, ctx.scope, id, key))),
  trashRun: projectProcedure("experiment.write")
    .input(oneRun)
    .mutation(({ ctx, input: { runId: id } }) =>
      ctx.inTenant(async (tx) => {
        await trashRun(tx, ctx.scope, id);
      }),
    ),
  restoreRun: projectProcedure("experiment.write")
    .input(oneRun)
    .mutation(({ ctx, input: { runId: id } }) =>
      ctx.inTenant(async (tx) => {
        await restoreRun(tx, ctx.scope, id);
      }),
    ),
};

/** Runs: read them, log to them, change and trash them. */
export const runProcedures = { ...reading, ...logging, ...changing };
