import type { ArtifactStore } from "@ballast/artifacts";
import { AppError, type Scope } from "@ballast/core";
import { type Database, modelVersions, type ServingSpec, withTenant } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { checkModel } from "@ballast/onnx";
import { and, eq } from "drizzle-orm";
import { getModelVersion, type ModelVersionView } from "./model-versions.ts";
import { findVersion, lockModel, ofVersions } from "./records.ts";
import { boundViews, latestViews } from "./register-version.ts";
import { checkServing } from "./serving-contract.ts";

/**
 * Says which features feed the ONNX model of a version that was registered from files, after which it can be deployed. A version
 * that has bindings keeps them: what serves does not change under its number.
 * @throws AppError `not_found`; `precondition_failed` for a version without an ONNX model; `conflict` for one that is bound already;
 * `unprocessable` naming the field of `serving` that does not fit
 */
export async function bindServing(
  deps: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  input: { versionId: string; serving: ServingSpec },
): Promise<ModelVersionView> {
  const before = await withTenant(deps.db, scope.teamId, (tx) => findVersion(tx, scope, { id: input.versionId }));
  const { digest } = before.version;
  if (digest === null) {
    const message = `versionId: version ${before.version.version} was registered from files without an ONNX model; there is nothing to bind.`;
    throw new AppError("precondition_failed", message, { details: { field: "versionId" } });
  }
  const model = checkModel(await deps.artifacts.get(digest));
  return withTenant(deps.db, scope.teamId, async (tx) => {
    await lockModel(tx, scope, { id: before.model.id });
    const { version } = await findVersion(tx, scope, { id: input.versionId });
    if (version.serving !== null) {
      const message = `versionId: version ${version.version} has its bindings already. Register the file again to serve it otherwise.`;
      throw new AppError("conflict", message, { details: { field: "versionId" } });
    }
    const views = await latestViews(tx, scope);
    const signature = checkServing(
      model,
      input.serving,
      views.map((view) => view.definition),
    );
    const lineage = { ...version.lineage, featureViews: boundViews(input.serving, views) };
    await tx
      .update(modelVersions)
      .set({ serving: input.serving, signature, lineage, updatedAt: new Date() })
      .where(and(ofVersions(scope), eq(modelVersions.id, version.id)));
    const detail = { features: input.serving.features.length, tensor: input.serving.tensor };
    await audit(tx, scope, { action: "model_version.bind", subject: version.id, detail });
    return getModelVersion(tx, scope, { id: version.id });
  });
}
