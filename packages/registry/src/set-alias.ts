import { AppError, notFound, type Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { dropAlias, moveAlias, versionWithAlias } from "./aliases.ts";
import { type Approval, missingApproval, ruleOf } from "./approval-rules.ts";
import { isRouted, requestApproval } from "./approvals.ts";
import { aliasName } from "./names.ts";
import { findVersion, lockModel, type VersionKey } from "./records.ts";

/** An alias that moved, or the request that must be approved before it does. */
export type AliasOutcome = { moved: true } | { moved: false; approval: Approval };

async function refuseRouted(tx: Tx, scope: Scope, modelId: string, alias: string): Promise<void> {
  if (!(await isRouted(tx, scope, modelId, alias))) return;
  throw new AppError(
    "precondition_failed",
    `alias: "${alias}" follows the deployment's routes. Ask for a rollout of the version instead.`,
    { details: { field: "alias" } },
  );
}

/**
 * Gives a version an alias, taking it from whichever version has it. Where a rule guards the alias and the version is not
 * approved, nothing moves: a request for approval is made (or the pending one found) and returned, to be committed.
 * @throws AppError `not_found`; `invalid_input` for a name that is none; `precondition_failed` for an alias that rollouts move
 */
export async function setAlias(
  tx: Tx,
  scope: Scope,
  input: { version: VersionKey; modelId?: string; alias: string; reason?: string | undefined },
): Promise<AliasOutcome> {
  const alias = aliasName(input.alias);
  const { version, model } = await findVersion(tx, scope, input.version);
  if (input.modelId !== undefined && input.modelId !== model.id) throw notFound("Model version", version.id);
  await lockModel(tx, scope, { id: model.id });
  await refuseRouted(tx, scope, model.id, alias);
  const move = { modelId: model.id, alias, versionId: version.id };
  if ((await versionWithAlias(tx, scope, model.id, alias)) === version.id) return { moved: true };
  if (await missingApproval(tx, scope, move)) {
    const approval = await requestApproval(tx, scope, { versionId: version.id, alias, reason: input.reason });
    return { moved: false, approval };
  }
  await moveAlias(tx, scope, move);
  return { moved: true };
}

/** The answer to somebody who asked for a move that waits for approval. Thrown after the request has committed. */
export function awaitsApproval(approval: Approval): AppError {
  const n = approval.needed;
  return new AppError(
    "forbidden",
    `The alias "${approval.alias}" is guarded: ${n} approval${n === 1 ? " is" : "s are"} needed. Request ${approval.id} waits for an approver; the alias moves when it is approved.`,
    { details: { approvalId: approval.id, alias: approval.alias, state: approval.state } },
  );
}

/**
 * Takes an alias off the model; one that nothing carries is no error.
 * @throws AppError `not_found`; `precondition_failed` for an alias that rollouts move; `forbidden` for one that a rule guards
 */
export async function deleteAlias(tx: Tx, scope: Scope, input: { name: string; alias: string }): Promise<void> {
  const model = await lockModel(tx, scope, { name: input.name });
  const versionId = await versionWithAlias(tx, scope, model.id, input.alias);
  if (versionId === null) return;
  await refuseRouted(tx, scope, model.id, input.alias);
  if (await ruleOf(tx, scope, model.id, input.alias)) {
    throw new AppError(
      "forbidden",
      `The alias "${input.alias}" is guarded: it can be moved to an approved version, not taken off. An admin can remove its rule.`,
      { details: { field: "alias", alias: input.alias } },
    );
  }
  await dropAlias(tx, scope, { modelId: model.id, alias: input.alias, versionId });
}
