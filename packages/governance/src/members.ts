import {
  type Actor,
  AppError,
  mayDo,
  notFound,
  PERMISSIONS,
  ROLE_PERMISSIONS,
  type Role,
  type Scope,
} from "@ballast/core";
import { apiTokens, invitations, memberships, notify, type Tx, users } from "@ballast/db";
import { and, arrayContained, asc, eq, inArray, isNull, not, or, type SQL } from "drizzle-orm";
import { audit } from "./audit.ts";

/**
 * Who may do everything may make others who do. A program that manages people without holding every permission cannot: it would
 * give away more than it has.
 * @throws AppError `forbidden`
 */
export function refuseGrantOfRole(actor: Actor, role: Role): void {
  if (role !== "admin" || PERMISSIONS.every((permission) => mayDo(actor, permission))) return;
  throw new AppError("forbidden", "Only an admin may make, change or remove admins.", { details: { field: "role" } });
}

/** People of the team by name, with what would end with their membership. */
export async function listMembers(tx: Tx, scope: Scope) {
  const people = await tx
    .select({
      userId: memberships.userId,
      name: users.name,
      email: users.email,
      role: memberships.role,
      joinedAt: memberships.createdAt,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.teamId, scope.teamId))
    .orderBy(asc(users.name), asc(users.id));
  const made = await tx
    .select({ by: apiTokens.createdByUser, permissions: apiTokens.permissions, expiresAt: apiTokens.expiresAt })
    .from(apiTokens)
    .where(and(eq(apiTokens.teamId, scope.teamId), isNull(apiTokens.revokedAt), isNull(apiTokens.serviceAccountId)));
  const now = Date.now();
  const active = made.filter((token) => token.expiresAt === null || token.expiresAt.getTime() > now);
  const admins = people.filter((person) => person.role === "admin").length;
  return people.map((person) => ({
    ...person,
    /** Somebody must be left who can let others in. */
    lastAdmin: person.role === "admin" && admins === 1,
    /** Tokens of their own that are still good. */
    tokens: active.filter((token) => token.by === person.userId).length,
  }));
}

/** The membership, with all admins of the team locked: two who demote each other at once take turns. */
async function lockMember(tx: Tx, scope: Scope, userId: string) {
  const admins = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.teamId, scope.teamId), eq(memberships.role, "admin")))
    .orderBy(asc(memberships.userId))
    .for("update");
  const [member] = await tx
    .select({ role: memberships.role, name: users.name, email: users.email })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.teamId, scope.teamId), eq(memberships.userId, userId)));
  if (!member) throw notFound("Member", userId);
  return { ...member, lastAdmin: member.role === "admin" && admins.length === 1 };
}

const LAST_ADMIN = "This is the team's last admin. Make somebody else an admin first.";

/**
 * Another role for a member; from their next request on. Tokens of theirs that may do more than the new role are revoked;
 * with `team.manage` go the invitations they made.
 * @throws AppError `conflict` for the last admin, `forbidden` where an admin is concerned and the actor is none
 */
export async function setMemberRole(
  tx: Tx,
  scope: Scope,
  input: { userId: string; role: Role },
): Promise<{ revokedTokens: number }> {
  const member = await lockMember(tx, scope, input.userId);
  if (member.role === input.role) return { revokedTokens: 0 };
  refuseGrantOfRole(scope.actor, member.role);
  refuseGrantOfRole(scope.actor, input.role);
  if (member.lastAdmin) throw new AppError("conflict", LAST_ADMIN, { details: { field: "role" } });
  await tx
    .update(memberships)
    .set({ role: input.role })
    .where(and(eq(memberships.teamId, scope.teamId), eq(memberships.userId, input.userId)));
  const beyond = not(arrayContained(apiTokens.permissions, [...ROLE_PERMISSIONS[input.role]]));
  const revokedTokens = await revokeTokensOf(tx, scope, input.userId, beyond);
  const invites = ROLE_PERMISSIONS[input.role].includes("team.manage");
  const revokedInvitations = invites ? 0 : await revokeInvitationsOf(tx, scope, { userId: input.userId, ...member });
  await audit(tx, scope, {
    ...{ action: "member.change_role", subject: input.userId, teamWide: true },
    detail: {
      name: member.name,
      email: member.email,
      from: member.role,
      to: input.role,
      revokedTokens,
      revokedInvitations,
    },
  });
  return { revokedTokens };
}

/** Ends a membership; the person's own tokens in the team, and the open invitations they made, end with it; tokens of service accounts stay. Throws as {@link setMemberRole}. */
export async function removeMember(tx: Tx, scope: Scope, userId: string): Promise<{ revokedTokens: number }> {
  const member = await lockMember(tx, scope, userId);
  refuseGrantOfRole(scope.actor, member.role);
  if (member.lastAdmin) throw new AppError("conflict", LAST_ADMIN);
  await tx.delete(memberships).where(and(eq(memberships.teamId, scope.teamId), eq(memberships.userId, userId)));
  const revokedTokens = await revokeTokensOf(tx, scope, userId);
  const revokedInvitations = await revokeInvitationsOf(tx, scope, { userId, name: member.name });
  await audit(tx, scope, {
    ...{ action: "member.remove", subject: userId, teamWide: true },
    detail: { name: member.name, email: member.email, role: member.role, revokedTokens, revokedInvitations },
  });
  return { revokedTokens };
}

/** Ends the links that a person gave out: else they come back by one of them. Older ones know their maker by name alone. */
async function revokeInvitationsOf(tx: Tx, scope: Scope, by: { userId: string; name: string }): Promise<number> {
  const made = or(
    eq(invitations.invitedById, by.userId),
    and(isNull(invitations.invitedById), eq(invitations.invitedBy, by.name)),
  );
  const gone = await tx
    .update(invitations)
    .set({ revokedAt: new Date() })
    .where(
      and(eq(invitations.teamId, scope.teamId), isNull(invitations.acceptedAt), isNull(invitations.revokedAt), made),
    )
    .returning({ id: invitations.id });
  return gone.length;
}

async function revokeTokensOf(tx: Tx, scope: Scope, userId: string, which?: SQL): Promise<number> {
  const mine = and(
    eq(apiTokens.teamId, scope.teamId),
    eq(apiTokens.createdByUser, userId),
    isNull(apiTokens.serviceAccountId),
    isNull(apiTokens.revokedAt),
    which,
  );
  const found = await tx.select({ id: apiTokens.id }).from(apiTokens).where(mine);
  if (found.length === 0) return 0;
  const ids = found.map((token) => token.id);
  await tx
    .update(apiTokens)
    .set({ revokedAt: new Date() })
    .where(and(eq(apiTokens.teamId, scope.teamId), inArray(apiTokens.id, ids)));
  await notify(tx, "ballast_tokens", userId);
  return ids.length;
}
