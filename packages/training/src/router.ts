import { audit } from "@ballast/governance/server";
import { projectProcedure, router } from "@ballast/governance/trpc";
import type { PluginHost } from "@ballast/plugin-sdk";
import { z } from "zod";
import { estimateTraining } from "./estimate-training.ts";
import { pipelineInputSchema, policyInputSchema, trainingRequestSchema } from "./index.ts";
import { getJob, listJobs } from "./jobs.ts";
import { definePipeline, definePolicy, listPipelines, listPolicies } from "./pipelines.ts";
import { requestTraining } from "./request-training.ts";

const states = z.enum(["queued", "running", "succeeded", "failed", "refused"]);

/** Pipelines, jobs and policies. A request is priced by its trainer, so the router is made with the plugin host. */
export function createTrainingRouter(deps: { plugins: PluginHost }) {
  return router({
    pipelines: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listPipelines(tx, ctx.scope))),
    definePipeline: projectProcedure("training.request")
      .input(z.object({ pipeline: pipelineInputSchema }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => definePipeline(tx, ctx.scope, input.pipeline, deps))),
    jobs: projectProcedure("project.read")
      .input(
        z.object({
          before: z.string().optional(),
          limit: z.int().min(1).max(200).default(50),
          states: z.array(states).optional(),
        }),
      )
      .query(({ ctx, input }) => ctx.inTenant((tx) => listJobs(tx, ctx.scope, input))),
    job: projectProcedure("project.read")
      .input(z.object({ jobId: z.string().min(1) }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => getJob(tx, ctx.scope, input.jobId))),
    /** What a training would cost at worst, were it asked for now; reserves nothing. */
    estimate: projectProcedure("project.read")
      .input(z.object({ training: trainingRequestSchema.omit({ plan: true }) }))
      .query(({ ctx, input }) => ctx.inTenant((tx) => estimateTraining(tx, ctx.scope, input.training, deps))),
    request: projectProcedure("training.request")
      .input(z.object({ training: trainingRequestSchema }))
      .mutation(({ ctx, input }) =>
        ctx.inTenant(async (tx) => {
          const job = await requestTraining(tx, ctx.scope, { ...input.training, cause: "manual" }, deps);
          const { pipeline } = input.training;
          await audit(tx, ctx.scope, {
            action: "training.request",
            subject: job.id,
            detail: { pipeline, state: job.state, reason: job.reason },
          });
          return job;
        }),
      ),
    policies: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listPolicies(tx, ctx.scope))),
    definePolicy: projectProcedure("policy.write")
      .input(z.object({ policy: policyInputSchema }))
      .mutation(({ ctx, input }) => ctx.inTenant((tx) => definePolicy(tx, ctx.scope, input.policy))),
  });
}
