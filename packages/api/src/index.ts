import type { ArtifactStore } from "@ballast/artifacts";
import { datasetRouter } from "@ballast/datasets/router";
import { deploymentRouter, rolloutRouter } from "@ballast/delivery/router";
import { createArtifactRouter, experimentsRouter } from "@ballast/experiments/router";
import { featureRouter } from "@ballast/features/router";
import { finopsRouter } from "@ballast/finops/router";
import {
  accountRouter,
  auditRouter,
  createWebhookRouter,
  invitationRouter,
  memberRouter,
  openLineageRouter,
  serviceAccountRouter,
  tokenRouter,
  transferRouter,
} from "@ballast/governance/router";
import type { Installation } from "@ballast/governance/server";
import { createCallerFactory, mergeRouters, router } from "@ballast/governance/trpc";
import { monitoringRouter } from "@ballast/monitoring/router";
import type { PluginHost } from "@ballast/plugin-sdk";
import { createModelRouter, createProvenanceRouter } from "@ballast/registry/router";
import { createTrainingRouter } from "@ballast/training/router";
import { linkRouter } from "./link-router.ts";
import { loopRouter } from "./loop-router.ts";
import { overviewRouter } from "./overview-router.ts";
import { trashRouter } from "./trash-router.ts";

export interface ApiDeps {
  artifacts: ArtifactStore;
  plugins: PluginHost;
  /** The installation's own secrets and settings; read from the environment where left out. */
  installation?: () => Installation;
}

/** Every procedure there is, by domain. */
export function createAppRouter(deps: ApiDeps) {
  return router({
    account: accountRouter,
    member: memberRouter,
    invitation: invitationRouter,
    serviceAccount: serviceAccountRouter,
    token: tokenRouter,
    audit: auditRouter,
    loop: loopRouter,
    overview: overviewRouter,
    link: linkRouter,
    dataset: datasetRouter,
    feature: featureRouter,
    experiment: experimentsRouter,
    artifact: createArtifactRouter(deps),
    model: mergeRouters(createModelRouter(deps), createProvenanceRouter(deps)),
    webhook: createWebhookRouter(deps.installation),
    openLineage: openLineageRouter,
    transfer: transferRouter,
    trash: trashRouter,
    training: createTrainingRouter(deps),
    deployment: deploymentRouter,
    rollout: rolloutRouter,
    monitoring: monitoringRouter,
    finops: finopsRouter,
  });
}
export type AppRouter = ReturnType<typeof createAppRouter>;

/** Calls procedures in this process, as `context` says who calls. */
export const createCaller = (appRouter: AppRouter) => createCallerFactory(appRouter);
export type { ApiContext, Identity } from "@ballast/governance/trpc";
export { boundedText } from "./bounded-text.ts";
export { handleTrpc } from "./handle-trpc.ts";
export { handleRest } from "./rest/handle-rest.ts";
export { openApiDocument } from "./rest/openapi.ts";
