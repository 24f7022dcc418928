import { mayDo, type Permission, type Scope } from "@ballast/core";
import { apiTokens, memberships, serviceAccounts, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";

/**
 * Whether the scope's actor, admitted a while ago, would still be admitted: the membership stands with a role that may, or the
 * token is neither revoked nor expired, nor its service account disabled. For what stays open after the door was passed, such as a stream.
 */
export async function stillAllowed(tx: Tx, scope: Scope, permission: Permission): Promise<boolean> {
  const { actor, teamId } = scope;
  if (actor.type === "platform") return true;
  if (actor.type === "user") {
    const [membership] = await tx
      .select({ role: memberships.role })
      .from(memberships)
      .where(and(eq(memberships.teamId, teamId), eq(memberships.userId, actor.id)));
    return membership !== undefined && mayDo({ ...actor, role: membership.role }, permission);
  }
  const tokenId = actor.type === "service_account" ? actor.tokenId : actor.id;
  const [found] = await tx
    .select({ token: apiTokens, account: serviceAccounts })
    .from(apiTokens)
    .leftJoin(
      serviceAccounts,
      and(eq(serviceAccounts.teamId, apiTokens.teamId), eq(serviceAccounts.id, apiTokens.serviceAccountId)),
    )
    .where(and(eq(apiTokens.teamId, teamId), eq(apiTokens.projectId, scope.projectId), eq(apiTokens.id, tokenId)));
  if (!found || found.token.revokedAt !== null) return false;
  const { token, account } = found;
  if (token.serviceAccountId !== null && (account === null || account.disabledAt !== null)) return false;
  if (token.expiresAt !== null && token.expiresAt.getTime() <= Date.now()) return false;
  return token.permissions.includes(permission) && (account?.permissions.includes(permission) ?? true);
}
