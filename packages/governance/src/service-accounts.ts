import { AppError, mayDo, newId, notFound, type Permission, type Scope } from "@ballast/core";
import { apiTokens, notify, serviceAccounts, type Tx } from "@ballast/db";
import { and, asc, eq, isNull, max, or, sql } from "drizzle-orm";
import { audit } from "./audit.ts";
import type { CreateServiceAccount, UpdateServiceAccount } from "./index.ts";

/** Accounts of the project and those of the whole team. */
const visible = (scope: Scope) =>
  and(
    eq(serviceAccounts.teamId, scope.teamId),
    or(isNull(serviceAccounts.projectId), eq(serviceAccounts.projectId, scope.projectId)),
  );

/** Nobody hands out a permission they lack. */
export function refuseBeyondActor(scope: Scope, permissions: readonly Permission[], what: string): void {
  const beyond = permissions.filter((permission) => !mayDo(scope.actor, permission));
  if (beyond.length === 0) return;
  throw new AppError("forbidden", `You lack ${beyond.join(", ")} yourself, so ${what} of yours cannot have it.`, {
    details: { field: "permissions" },
  });
}

/** The account as the scope's project sees it; 404 otherwise. Locked, so that it cannot be disabled beneath a change. */
export async function serviceAccountOf(tx: Tx, scope: Scope, id: string) {
  const [found] = await tx
    .select()
    .from(serviceAccounts)
    .where(and(visible(scope), eq(serviceAccounts.id, id)))
    .for("update");
  if (!found) throw notFound("Service account", id);
  return found;
}

/** By name, with how many tokens of each are good in this project and when any was last used. */
export async function listServiceAccounts(tx: Tx, scope: Scope) {
  const good = sql<number>`(count(*) filter (where ${apiTokens.revokedAt} is null and (${apiTokens.expiresAt} is null or ${apiTokens.expiresAt} > now())))::int`;
  const [accounts, tokens] = [
    await tx.select().from(serviceAccounts).where(visible(scope)).orderBy(asc(serviceAccounts.name)).limit(500),
    await tx
      .select({ account: apiTokens.serviceAccountId, good, lastUsedAt: max(apiTokens.lastUsedAt) })
      .from(apiTokens)
      .where(and(eq(apiTokens.teamId, scope.teamId), eq(apiTokens.projectId, scope.projectId)))
      .groupBy(apiTokens.serviceAccountId),
  ];
  return accounts.map(({ teamId: _team, projectId, ...account }) => {
    const own = tokens.find((row) => row.account === account.id);
    return { ...account, teamWide: projectId === null, tokens: own?.good ?? 0, lastUsedAt: own?.lastUsedAt ?? null };
  });
}

/** A program that acts under its own name. Throws `forbidden` for permissions the actor lacks, `conflict` for a name in use. */
export async function createServiceAccount(
  tx: Tx,
  scope: Scope,
  input: CreateServiceAccount,
): Promise<{ id: string; name: string }> {
  refuseBeyondActor(scope, input.permissions, "a service account");
  const [taken] = await tx
    .select({ id: serviceAccounts.id })
    .from(serviceAccounts)
    .where(and(visible(scope), eq(serviceAccounts.name, input.name)));
  if (taken)
    throw new AppError("conflict", `There is a service account "${input.name}" already.`, {
      details: { field: "name" },
    });
  const id = newId("serviceAccount");
  const { name, description, permissions, teamWide } = input;
  await tx.insert(serviceAccounts).values({
    ...{ teamId: scope.teamId, projectId: teamWide ? null : scope.projectId, id, name, description, permissions },
    createdBy: scope.actor.name,
  });
  await audit(tx, scope, {
    ...{ action: "service_account.create", subject: id, detail: { name, permissions, teamWide } },
    ...(teamWide ? { teamWide: true as const } : {}),
  });
  return { id, name };
}

/** What it may do, or what it is for. Its tokens follow at once, gateways within their revocation delay. */
export async function updateServiceAccount(tx: Tx, scope: Scope, input: UpdateServiceAccount): Promise<void> {
  const found = await serviceAccountOf(tx, scope, input.id);
  const { description = found.description, permissions = found.permissions } = input;
  refuseBeyondActor(scope, permissions, "a service account");
  await tx
    .update(serviceAccounts)
    .set({ description, permissions })
    .where(and(eq(serviceAccounts.teamId, scope.teamId), eq(serviceAccounts.id, found.id)));
  await notify(tx, "ballast_tokens", found.id);
  await audit(tx, scope, {
    ...{ action: "service_account.update", subject: found.id },
    detail: { name: found.name, from: found.permissions, to: permissions },
    ...(found.projectId === null ? { teamWide: true as const } : {}),
  });
}

/**
 * Disabled: every token of it is refused, at once by the web app, by gateways within their revocation delay. Enabled again, those that
 * were neither revoked nor expired meanwhile are good again, so only somebody who holds all of its permissions may do that.
 */
export async function setServiceAccountEnabled(
  tx: Tx,
  scope: Scope,
  input: { id: string; enabled: boolean },
): Promise<void> {
  const found = await serviceAccountOf(tx, scope, input.id);
  if (input.enabled) refuseBeyondActor(scope, found.permissions, "a service account");
  if ((found.disabledAt === null) === input.enabled) return;
  await tx
    .update(serviceAccounts)
    .set({ disabledAt: input.enabled ? null : new Date() })
    .where(and(eq(serviceAccounts.teamId, scope.teamId), eq(serviceAccounts.id, found.id)));
  await notify(tx, "ballast_tokens", found.id);
  await audit(tx, scope, {
    ...{ action: `service_account.${input.enabled ? "enable" : "disable"}`, subject: found.id },
    detail: { name: found.name },
    ...(found.projectId === null ? { teamWide: true as const } : {}),
  });
}
