import { mayDo, type Permission, type Scope } from "@ballast/core";
import { apiTokens, memberships, type Tx } from "@ballast/db";
import { and, eq } from "drizzle-orm";

/**
 * Whether the scope's actor, admitted a while ago, would still be admitted: the membership stands with a role that may, or the
 * token is neither revoked nor expired. For what stays open after the door was passed, such as a stream.
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
  const [token] = await tx
    .select()
    .from(apiTokens)
    .where(and(eq(apiTokens.teamId, teamId), eq(apiTokens.projectId, scope.projectId), eq(apiTokens.id, actor.id)));
  if (!token || token.revokedAt !== null) return false;
  return (token.expiresAt === null || token.expiresAt.getTime() > Date.now()) && token.permissions.includes(permission);
}
