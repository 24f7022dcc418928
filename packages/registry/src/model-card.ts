import type { ArtifactStore } from "@ballast/artifacts";
import type { Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { approvalsOf, costOf, driftSeen, gatesOf, livePerformance } from "./card-facts.ts";
import { paramsOf } from "./compare-versions.ts";
import { inputExample } from "./input-example.ts";
import { loggedSignature } from "./logged-signature.ts";
import { getVersion } from "./models.ts";

/**
 * A version's model card after Mitchell et al., "Model Cards for Model Reporting" (2019), from what the platform recorded: nothing in
 * it is asserted that was not measured or written down by somebody. @throws AppError `not_found`
 */
export async function modelCard(deps: { db: Database; artifacts: ArtifactStore }, scope: Scope, versionId: string) {
  const card = await withTenant(deps.db, scope.teamId, async (tx) => {
    const page = await getVersion(tx, scope, versionId);
    const { version, model, aliases, run, datasetVersions, deployments } = page;
    return {
      model: { id: model.id, name: model.name, purpose: model.description, tags: model.tags },
      version: {
        ...{ id: version.id, version: version.version, description: version.description, tags: version.tags },
        ...{ stage: version.stage, cause: version.cause, createdBy: version.createdBy, createdAt: version.createdAt },
        ...{ digest: version.digest, sizeBytes: version.sizeBytes, source: version.source },
        aliases: aliases.map((alias) => alias.alias),
      },
      training: {
        from: version.lineage.trainedFrom,
        to: version.lineage.trainedTo,
        data: version.lineage.datasetVersions.map(({ id, label }) => {
          const stored = datasetVersions.find((one) => one.id === id);
          return { id, label, rows: stored?.rows ?? null, state: stored?.state ?? null };
        }),
        featureViews: version.lineage.featureViews,
        run: run === null ? null : { id: run.id, name: run.name },
        code: version.lineage.codeVersion,
        parameters: await paramsOf(tx, scope, version),
      },
      metrics: version.metrics,
      gates: await gatesOf(tx, scope, versionId),
      deployments,
      live: await livePerformance(tx, scope, versionId),
      drift: await driftSeen(tx, scope, versionId),
      cost: await costOf(tx, scope, versionId),
      approvals: await approvalsOf(tx, scope, versionId),
      signature: version.signature,
      serving: version.serving,
    };
  });
  return {
    ...card,
    loggedSignature: await loggedSignature(deps, scope, versionId),
    example: await inputExample(deps, scope, versionId),
  };
}
export type ModelCard = Awaited<ReturnType<typeof modelCard>>;
