import { audit } from "@ballast/governance/server";
import { projectProcedure, router } from "@ballast/governance/trpc";
import { z } from "zod";
import { listExperiments } from "./experiments.ts";
import {
  RUN_STATES,
  runArtifactSchema,
  runMetricsSchema,
  runParamsSchema,
  runQuerySchema,
  runTagsSchema,
} from "./index.ts";
import { listRuns } from "./list-runs.ts";
import { finishRun, getRun, logMetrics, logParams, startRun } from "./runs.ts";
import { searchProcedures } from "./search-router.ts";

const runId = z.string().min(1);
const name = z.string().trim().min(1).max(250);
const newRun = z.object({
  ...{ experiment: name, name, params: runParamsSchema.optional(), tags: runTagsSchema.optional() },
  inputs: z.array(runArtifactSchema).max(100).optional(),
  codeVersion: z.string().min(1).max(250),
  eventTime: z.date().optional(),
});
const ending = z.object({
  runId,
  state: z.enum(RUN_STATES).exclude(["running", "scheduled"]),
  metrics: runMetricsSchema.optional(),
  outputs: z.array(runArtifactSchema).max(100).optional(),
  error: z.string().max(10_000).optional(),
});

export const experimentsRouter = router({
  ...searchProcedures,
  experiments: projectProcedure("project.read").query(({ ctx }) =>
    ctx.inTenant((tx) => listExperiments(tx, ctx.scope)),
  ),
  runs: projectProcedure("project.read")
    .input(z.object({ query: runQuerySchema.optional() }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => listRuns(tx, ctx.scope, input.query))),
  run: projectProcedure("project.read")
    .input(z.object({ runId }))
    .query(({ ctx, input }) => ctx.inTenant((tx) => getRun(tx, ctx.scope, input.runId))),
  startRun: projectProcedure("experiment.write")
    .input(newRun)
    .mutation(({ ctx, input: { team: _team, project: _project, ...run } }) =>
      ctx.inTenant(async (tx) => {
        const started = await startRun(tx, ctx.scope, run);
        await audit(tx, ctx.scope, { action: "run.start", subject: started.id, detail: { name: started.name } });
        return started;
      }),
    ),
  log: projectProcedure("experiment.write")
    .input(z.object({ runId, params: runParamsSchema.optional(), metrics: runMetricsSchema.optional() }))
    .mutation(({ ctx, input }) =>
      ctx.inTenant(async (tx) => {
        if (input.params) await logParams(tx, ctx.scope, input.runId, input.params);
        if (input.metrics) await logMetrics(tx, ctx.scope, input.runId, input.metrics);
      }),
    ),
  finishRun: projectProcedure("experiment.write")
    .input(ending)
    .mutation(({ ctx, input: { team: _team, project: _project, ...end } }) =>
      ctx.inTenant(async (tx) => {
        const ended = await finishRun(tx, ctx.scope, end);
        await audit(tx, ctx.scope, { action: "run.finish", subject: ended.id, detail: { state: ended.state } });
        return ended;
      }),
    ),
});
