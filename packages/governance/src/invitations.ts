import { createHash, randomBytes } from "node:crypto";
import { AppError, newId, notFound, type Role, type Scope } from "@ballast/core";
import { type Database, invitations, memberships, type Tx, users, withTenant } from "@ballast/db";
import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { type Account, hashPassword } from "./accounts.ts";
import { audit } from "./audit.ts";
import type { CreateInvitation, JoinTeam } from "./index.ts";
import { refuseGrantOfRole } from "./members.ts";
import { personWho } from "./tokens.ts";

const DAY_MS = 86_400_000;
const SECRET = /^[A-Za-z0-9_-]{27}$/;

/** What a link leads to, as its holder may know it before they are anybody. */
export interface InvitationOffer {
  id: string;
  teamId: string;
  teamSlug: string;
  teamName: string;
  role: Role;
  /** The only address it works for; null for any. */
  email: string | null;
  invitedBy: string;
  expiresAt: Date;
}

const hashSecret = (secret: string) => createHash("sha256").update(secret).digest("hex");
/** 160 bits of chance in a form that survives mail programs. */
const newSecret = () => randomBytes(20).toString("base64url");

/**
 * A link for one person, for a limited time. Its secret is returned this once and kept nowhere.
 * @throws AppError `forbidden` for a role the actor may not give
 */
export async function createInvitation(
  tx: Tx,
  scope: Scope,
  input: CreateInvitation,
): Promise<{ id: string; secret: string; expiresAt: Date }> {
  refuseGrantOfRole(scope.actor, input.role);
  const id = newId("invitation");
  const secret = newSecret();
  const expiresAt = new Date(Date.now() + input.expiresInDays * DAY_MS);
  const { role, email } = input;
  await tx.insert(invitations).values({
    ...{ teamId: scope.teamId, id, hash: hashSecret(secret), role, email, expiresAt },
    ...{ invitedBy: scope.actor.name, invitedById: (await personWho(tx, scope)) ?? scope.actor.id },
  });
  await audit(tx, scope, { action: "invitation.create", subject: id, detail: { role, email }, teamWide: true });
  return { id, secret, expiresAt };
}

/** Invitations that were not used, newest first; what expired or was revoked says so. */
export async function listInvitations(tx: Tx, scope: Scope) {
  return tx
    .select({
      id: invitations.id,
      role: invitations.role,
      email: invitations.email,
      invitedBy: invitations.invitedBy,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
    })
    .from(invitations)
    .where(and(eq(invitations.teamId, scope.teamId), isNull(invitations.acceptedAt), isNull(invitations.revokedAt)))
    .orderBy(desc(invitations.createdAt))
    .limit(200);
}

/** The invitation while it is open; 404 once it was used or revoked. */
async function openInvitation(tx: Tx, scope: Scope, id: string) {
  const [found] = await tx
    .select()
    .from(invitations)
    .where(
      and(
        eq(invitations.teamId, scope.teamId),
        eq(invitations.id, id),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
      ),
    )
    .for("update");
  if (!found) throw notFound("Invitation", id);
  return found;
}

/** A new link in place of a lost or expired one, valid as long as the first was; the old link is dead. */
export async function renewInvitation(tx: Tx, scope: Scope, id: string) {
  const found = await openInvitation(tx, scope, id);
  refuseGrantOfRole(scope.actor, found.role);
  const secret = newSecret();
  const expiresAt = new Date(Date.now() + (found.expiresAt.getTime() - found.createdAt.getTime()));
  await tx
    .update(invitations)
    .set({
      ...{ hash: hashSecret(secret), expiresAt, createdAt: new Date(), invitedBy: scope.actor.name },
      invitedById: (await personWho(tx, scope)) ?? scope.actor.id,
    })
    .where(and(eq(invitations.teamId, scope.teamId), eq(invitations.id, id)));
  await audit(tx, scope, { action: "invitation.renew", subject: id, teamWide: true });
  return { id, secret, expiresAt };
}

/** The link stops working. */
export async function revokeInvitation(tx: Tx, scope: Scope, id: string): Promise<void> {
  const { role, email } = await openInvitation(tx, scope, id);
  await tx
    .update(invitations)
    .set({ revokedAt: new Date() })
    .where(and(eq(invitations.teamId, scope.teamId), eq(invitations.id, id)));
  await audit(tx, scope, { action: "invitation.revoke", subject: id, detail: { role, email }, teamWide: true });
}

interface OfferRow {
  id: string;
  team_id: string;
  team_slug: string;
  team_name: string;
  role: Role;
  email: string | null;
  invited_by: string;
  expires_at: string;
  accepted_at: string | null;
  revoked_at: string | null;
}

/**
 * What the link with this secret offers.
 * @throws AppError `not_found` for a link that never was, was replaced or revoked; `precondition_failed` for one that was used or expired
 */
export async function readInvitation(db: Database, secret: string): Promise<InvitationOffer> {
  const [row] = SECRET.test(secret)
    ? await db.sql<OfferRow[]>`select * from ballast_invitation(${hashSecret(secret)})`
    : [];
  if (!row || row.revoked_at)
    throw new AppError("not_found", "This invitation does not exist or was withdrawn. Ask for a new link.");
  if (row.accepted_at)
    throw new AppError("precondition_failed", "This invitation was used already. If that was you, sign in.");
  const expiresAt = new Date(row.expires_at);
  if (expiresAt.getTime() <= Date.now())
    throw new AppError("precondition_failed", "This invitation has expired. Ask for a new link.");
  const { id, role, email } = row;
  return {
    ...{ id, role, email, expiresAt, teamId: row.team_id, teamSlug: row.team_slug, teamName: row.team_name },
    invitedBy: row.invited_by,
  };
}

/** Uses the invitation up, once, and makes the account a member, in the caller's transaction. */
async function join(tx: Tx, offer: InvitationOffer, account: Account): Promise<void> {
  const scope: Scope = {
    ...{ teamId: offer.teamId, projectId: "" },
    actor: { type: "user", id: account.id, name: account.name, role: offer.role },
  };
  const used = await tx
    .update(invitations)
    .set({ acceptedAt: new Date(), acceptedBy: account.id })
    .where(
      and(
        eq(invitations.teamId, offer.teamId),
        eq(invitations.id, offer.id),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
        gt(invitations.expiresAt, new Date()),
      ),
    )
    .returning({ id: invitations.id });
  if (used.length === 0)
    throw new AppError("conflict", "This invitation was used or withdrawn a moment ago. Ask for a new link.");
  const joined = await tx
    .insert(memberships)
    .values({ teamId: offer.teamId, userId: account.id, role: offer.role })
    .onConflictDoNothing()
    .returning({ role: memberships.role });
  // Thrown inside the transaction: the link stays good for the person it was meant for.
  if (joined.length === 0)
    throw new AppError("conflict", `You are in ${offer.teamName} already. Ask an admin there to change your role.`);
  const detail = { role: offer.role, email: account.email, invitation: offer.id };
  await audit(tx, scope, { action: "invitation.accept", subject: account.id, detail, teamWide: true });
}

function refuseOtherAddress(offer: InvitationOffer, email: string): void {
  if (offer.email === null || offer.email === email.toLowerCase()) return;
  throw new AppError(
    "forbidden",
    `This invitation is for ${offer.email}, and you are ${email}. Sign in with that address, or ask for a link of your own.`,
    { details: { field: "email" } },
  );
}

/** A signed-in person takes the invitation. Throws as {@link readInvitation}, `forbidden` for another address, `conflict` for a member. */
export async function acceptInvitation(db: Database, account: Account, secret: string): Promise<InvitationOffer> {
  const offer = await readInvitation(db, secret);
  refuseOtherAddress(offer, account.email);
  await withTenant(db, offer.teamId, (tx) => join(tx, offer, account));
  return offer;
}

/** A new person takes the invitation: account and membership, both or neither. Throws `conflict` if the address has an account. */
export async function joinWithInvitation(
  db: Database,
  secret: string,
  input: JoinTeam,
): Promise<{ account: Account; offer: InvitationOffer }> {
  const offer = await readInvitation(db, secret);
  refuseOtherAddress(offer, input.email);
  const passwordHash = await hashPassword(input.password);
  const account: Account = { id: newId("user"), email: input.email, name: input.name };
  await withTenant(db, offer.teamId, async (tx) => {
    const made = await tx
      .insert(users)
      .values({ ...account, passwordHash })
      .onConflictDoNothing()
      .returning({ id: users.id });
    if (made.length === 0) {
      throw new AppError("conflict", "There is an account with this e-mail address already. Sign in to join with it.", {
        details: { field: "email" },
      });
    }
    await join(tx, offer, account);
  });
  return { account, offer };
}
