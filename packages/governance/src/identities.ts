import { AppError, newId, type Role, type Scope } from "@ballast/core";
import { type Database, memberships, userIdentities, users, withTenant } from "@ballast/db";
import { and, eq } from "drizzle-orm";
import type { Account } from "./accounts.ts";
import { audit } from "./audit.ts";
import { setMemberRole } from "./members.ts";
import { type JoinRule, type OidcSettings, roleFromClaim } from "./oidc-settings.ts";

/** What a provider vouched for in a verified ID token or over its userinfo endpoint. */
export interface ProviderClaims {
  subject: string;
  email: string | null;
  emailVerified: boolean;
  name: string | null;
  /** The claim that roles are mapped from, as it came. */
  role: unknown;
}

/** One address in lower case; empty for anything else, so that no domain is read from what is none. */
function addressOf(claim: string | null): string {
  const email = claim?.trim().toLowerCase() ?? "";
  return /^[^@\s]+@[^@\s]+$/.test(email) && email.length <= 200 ? email : "";
}

const found = ({ id, email, name }: Account): Account => ({ id, email, name });

/**
 * The account of somebody who signed in at the provider; made, or linked, at the first time.
 *
 * An identity is known by issuer and subject. A new one is linked to an account by e-mail address, and only by one that the provider
 * verified. Addresses given at sign-up are not verified here, so an account with a password might be somebody's who took the
 * address in advance: it is linked only in a session that the password opened (`signedInAs`).
 * @throws AppError `forbidden` with `details.reason`: `domain`, `no_email`, `unverified_email`, or `password_first`
 */
export async function signInWithProvider(
  db: Database,
  settings: OidcSettings,
  claims: ProviderClaims,
  signedInAs: string | null,
): Promise<Account> {
  const email = addressOf(claims.email);
  const known = await accountOfIdentity(db, settings.issuer, claims.subject);
  refuseOtherDomains(settings, known && email === "" ? known.email : email);
  const account = known ?? (await linkOrCreate(db, settings, { ...claims, email }, signedInAs));
  await db.drizzle
    .update(userIdentities)
    .set({ lastSignInAt: new Date() })
    .where(and(eq(userIdentities.issuer, settings.issuer), eq(userIdentities.subject, claims.subject)));
  if (settings.join) await joinTeam(db, settings, settings.join, account, roleFromClaim(settings.join, claims.role));
  return account;
}

/** Whose identity it is; null for one not seen before. */
export async function accountOfIdentity(db: Database, issuer: string, subject: string): Promise<Account | null> {
  const [row] = await db.drizzle
    .select({ id: users.id, email: users.email, name: users.name })
    .from(userIdentities)
    .innerJoin(users, eq(users.id, userIdentities.userId))
    .where(and(eq(userIdentities.issuer, issuer), eq(userIdentities.subject, subject)));
  return row ?? null;
}

function refuse(reason: string, message: string): never {
  throw new AppError("forbidden", message, { details: { reason } });
}

function refuseOtherDomains({ domains, name }: OidcSettings, email: string): void {
  if (domains.length === 0 || domains.includes(email.slice(email.lastIndexOf("@") + 1))) return;
  refuse(
    "domain",
    `${name} knows you as ${email || "nobody with an e-mail address"}, and only addresses of ${domains.join(", ")} are let in.`,
  );
}

async function linkOrCreate(
  db: Database,
  { issuer, name: provider }: OidcSettings,
  claims: ProviderClaims & { email: string },
  signedInAs: string | null,
): Promise<Account> {
  const { email, subject } = claims;
  if (email === "")
    refuse("no_email", `${provider} did not say your e-mail address. Let it release the claim "email".`);
  if (!claims.emailVerified)
    refuse(
      "unverified_email",
      `${provider} has not verified that ${email} is yours. Verify it there, then sign in again.`,
    );
  return db.drizzle.transaction(async (tx) => {
    const id = newId("user");
    const name = claims.name?.trim().slice(0, 80) || email;
    const made = await tx.insert(users).values({ id, email, name }).onConflictDoNothing().returning();
    const [user] = made.length > 0 ? made : await tx.select().from(users).where(eq(users.email, email));
    if (!user) throw new AppError("conflict", "The account changed meanwhile. Sign in again.");
    if (user.passwordHash !== null && user.id !== signedInAs)
      refuse(
        "password_first",
        `${email} has an account with a password here. Enter it once, and it is connected with ${provider}.`,
      );
    await tx.insert(userIdentities).values({ issuer, subject, userId: user.id, email }).onConflictDoNothing();
    return found(user);
  });
}

/** Makes the account a member of the team that everybody joins; with mapped roles, the provider's word counts at every sign-in. */
async function joinTeam(
  db: Database,
  { issuer }: OidcSettings,
  rule: JoinRule,
  account: Account,
  role: Role,
): Promise<void> {
  const [team] = await db.sql<{ id: string }[]>`select id from ballast_team(${rule.teamSlug})`;
  // The team may be made later; nobody is kept out of their other teams for that.
  if (!team) return;
  const self: Scope = { teamId: team.id, projectId: "", actor: { type: "user", ...account, role } };
  await withTenant(db, team.id, async (tx) => {
    const joined = await tx
      .insert(memberships)
      .values({ teamId: team.id, userId: account.id, role })
      .onConflictDoNothing()
      .returning({ role: memberships.role });
    if (joined.length > 0) {
      const detail = { role, email: account.email, issuer };
      await audit(tx, self, { action: "member.join", subject: account.id, detail, teamWide: true });
      return;
    }
    if (rule.roles.size === 0) return;
    const platform: Scope = { ...self, actor: { type: "platform", id: "platform", name: "platform" } };
    await setMemberRole(tx, platform, { userId: account.id, role }).catch((error: unknown) => {
      // The last admin stays one: the provider cannot leave a team without.
      if (!(error instanceof AppError && error.code === "conflict")) throw error;
    });
  });
}
