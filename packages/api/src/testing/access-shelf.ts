/** What the access matrix needs of the registry beside what serves. */
import { PLATFORM, type Scope } from "@ballast/core";
import { modelVersions, type Tx } from "@ballast/db";
import { createRegisteredModel, requestApproval, setApprovalRule } from "@ballast/registry/server";
import { eq } from "drizzle-orm";

/** Names that a project's registry adds to its world: a model nobody deployed, and two requests that somebody else made. */
export const SHELF = ["shelf", "shelfModel", "shelfVersion", "approval", "openApproval"] as const;

/** A model of the platform's own, before it has a version. */
export async function addShelf(tx: Tx, scope: Scope, name: string): Promise<string> {
  const platform: Scope = { ...scope, actor: PLATFORM };
  const { model } = await createRegisteredModel(tx, platform, { name });
  for (const alias of ["prod", "stage"])
    await setApprovalRule(tx, platform, { modelId: model.id, alias, approvals: 1 });
  return model.id;
}

/** Requests that whoever fills the world neither made nor wrote the version for. */
export async function addApprovals(tx: Tx, scope: Scope, versionId: string) {
  const platform: Scope = { ...scope, actor: PLATFORM };
  await tx.update(modelVersions).set({ createdById: null }).where(eq(modelVersions.id, versionId));
  const approval = await requestApproval(tx, platform, { versionId, alias: "prod" });
  const open = await requestApproval(tx, platform, { versionId, alias: "stage" });
  return { approval: approval.id, openApproval: open.id };
}
