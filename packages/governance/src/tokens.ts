import { createHash, randomBytes } from "node:crypto";
import { type Actor, AppError, newId, notFound, type Permission, type Scope } from "@ballast/core";
import { apiTokens, type Database, notify, serviceAccounts, type Tx } from "@ballast/db";
import { and, desc, eq, isNull } from "drizzle-orm";
import { audit } from "./audit.ts";
import type { CreateToken } from "./index.ts";
import { refuseBeyondActor, serviceAccountOf } from "./service-accounts.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a valid token stands for. */
export interface VerifiedToken {
  tokenId: string;
  teamId: string;
  projectId: string;
  /** The service account's name where it is one's, else the token's own. */
  name: string;
  permissions: Permission[];
  expiresAt: Date | null;
  /** The program it acts as; null for a token of its own. */
  serviceAccountId: string | null;
}

/** Who acts when the token is shown: audit entries name the service account, not one of its tokens. */
export function actorOfToken(token: Omit<VerifiedToken, "teamId" | "projectId" | "expiresAt">): Actor {
  const { tokenId, serviceAccountId, name, permissions } = token;
  return serviceAccountId === null
    ? { type: "token", id: tokenId, name, permissions }
    : { type: "service_account", id: serviceAccountId, name, permissions, tokenId };
}

/** Hex SHA-256: what is stored of a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

const lifetime = (days: number | null) => (days === null ? null : new Date(Date.now() + days * DAY_MS));

interface NewToken extends Omit<CreateToken, "expiresInDays"> {
  expiresAt: Date | null;
}

/** The person who acts, also through a token of theirs: what their token makes ends with their membership, too. */
export async function personWho(tx: Tx, scope: Scope): Promise<string | null> {
  const { actor } = scope;
  if (actor.type === "user") return actor.id;
  if (actor.type === "platform") return null;
  const [token] = await tx
    .select({ person: apiTokens.createdByUser })
    .from(apiTokens)
    .where(
      and(
        eq(apiTokens.teamId, scope.teamId),
        eq(apiTokens.projectId, scope.projectId),
        eq(apiTokens.id, actor.type === "token" ? actor.id : actor.tokenId),
      ),
    );
  return token?.person ?? null;
}

/** Stores a new token and returns its text; who may have what was decided before. */
async function insertToken(tx: Tx, scope: Scope, input: NewToken): Promise<{ id: string; token: string }> {
  const token = `blst_${randomBytes(20).toString("hex")}`;
  const id = newId("apiToken");
  await tx.insert(apiTokens).values({
    ...{ teamId: scope.teamId, projectId: scope.projectId, id, name: input.name },
    ...{ hash: hashToken(token), prefix: token.slice(0, 10), permissions: input.permissions },
    serviceAccountId: input.serviceAccountId ?? null,
    createdBy: scope.actor.name,
    createdByUser: await personWho(tx, scope),
    expiresAt: input.expiresAt,
  });
  return { id, token };
}

/**
 * Makes a token; its text is returned this once and kept nowhere. Nobody hands out a permission they lack, and a service account's
 * token has none that the account lacks.
 */
export async function createToken(tx: Tx, scope: Scope, input: CreateToken): Promise<{ id: string; token: string }> {
  refuseBeyondActor(scope, input.permissions, "a token");
  const account = input.serviceAccountId ? await serviceAccountOf(tx, scope, input.serviceAccountId) : null;
  if (account) refuseBeyondAccount(account, input.permissions);
  const made = await insertToken(tx, scope, { ...input, expiresAt: lifetime(input.expiresInDays) });
  await audit(tx, scope, {
    ...{ action: "token.create", subject: made.id },
    detail: { name: input.name, permissions: input.permissions, ...(account ? { serviceAccount: account.name } : {}) },
  });
  return made;
}

function refuseBeyondAccount(
  account: { name: string; permissions: readonly Permission[]; disabledAt: Date | null },
  permissions: readonly Permission[],
): void {
  if (account.disabledAt) {
    throw new AppError("conflict", `The service account ${account.name} is disabled. Enable it first.`, {
      details: { field: "serviceAccountId" },
    });
  }
  const beyond = permissions.filter((permission) => !account.permissions.includes(permission));
  if (beyond.length === 0) return;
  throw new AppError(
    "invalid_input",
    `The service account ${account.name} lacks ${beyond.join(", ")}. Choose among its permissions, or widen them first.`,
    { details: { field: "permissions" } },
  );
}

/**
 * A new token in place of an old one, with its name, permissions and lifetime. The old one goes on for `overlapHours`, so that no
 * program stops in between; 0 revokes it at once.
 * @throws AppError `conflict` if the old one has ended already
 */
export async function rotateToken(
  tx: Tx,
  scope: Scope,
  input: { id: string; overlapHours: number },
): Promise<{ id: string; token: string; oldEndsAt: Date }> {
  const [old] = await tx
    .select()
    .from(apiTokens)
    .where(
      and(eq(apiTokens.teamId, scope.teamId), eq(apiTokens.projectId, scope.projectId), eq(apiTokens.id, input.id)),
    )
    .for("update");
  if (!old) throw notFound("Token", input.id);
  const now = Date.now();
  if (old.revokedAt || (old.expiresAt && old.expiresAt.getTime() <= now))
    throw new AppError("conflict", `The token ${old.name} has ended. Make a new one instead.`);
  refuseBeyondActor(scope, old.permissions, "a token");
  const lasts = old.expiresAt === null ? null : old.expiresAt.getTime() - old.createdAt.getTime();
  const made = await insertToken(tx, scope, {
    ...{ name: old.name, permissions: old.permissions, serviceAccountId: old.serviceAccountId ?? undefined },
    expiresAt: lasts === null ? null : new Date(now + lasts),
  });
  const end = Math.min(now + input.overlapHours * HOUR_MS, old.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
  const oldEndsAt = new Date(end);
  await tx
    .update(apiTokens)
    .set(input.overlapHours === 0 ? { revokedAt: oldEndsAt } : { expiresAt: oldEndsAt })
    .where(and(eq(apiTokens.teamId, scope.teamId), eq(apiTokens.id, old.id)));
  await notify(tx, "ballast_tokens", old.id);
  const detail = { name: old.name, replaces: old.id, oldEndsAt: oldEndsAt.toISOString() };
  await audit(tx, scope, { action: "token.rotate", subject: made.id, detail });
  return { ...made, oldEndsAt };
}

/** Tokens of the project, newest first; hashes stay in the house. */
export async function listTokens(tx: Tx, scope: Scope) {
  return tx
    .select({
      id: apiTokens.id,
      name: apiTokens.name,
      prefix: apiTokens.prefix,
      permissions: apiTokens.permissions,
      createdBy: apiTokens.createdBy,
      createdAt: apiTokens.createdAt,
      expiresAt: apiTokens.expiresAt,
      lastUsedAt: apiTokens.lastUsedAt,
      revokedAt: apiTokens.revokedAt,
      serviceAccountId: apiTokens.serviceAccountId,
      serviceAccount: serviceAccounts.name,
      /** Set while the service account is disabled: the token is refused as long. */
      disabledAt: serviceAccounts.disabledAt,
    })
    .from(apiTokens)
    .leftJoin(
      serviceAccounts,
      and(eq(serviceAccounts.teamId, apiTokens.teamId), eq(serviceAccounts.id, apiTokens.serviceAccountId)),
    )
    .where(and(eq(apiTokens.teamId, scope.teamId), eq(apiTokens.projectId, scope.projectId)))
    .orderBy(desc(apiTokens.createdAt));
}

/** Ends a token for good. Gateways drop it within their stated revocation delay. */
export async function revokeToken(tx: Tx, scope: Scope, tokenId: string): Promise<void> {
  const mine = and(
    eq(apiTokens.teamId, scope.teamId),
    eq(apiTokens.projectId, scope.projectId),
    eq(apiTokens.id, tokenId),
  );
  const [found] = await tx.select({ name: apiTokens.name }).from(apiTokens).where(mine);
  if (!found) throw notFound("Token", tokenId);
  const revoked = await tx
    .update(apiTokens)
    .set({ revokedAt: new Date() })
    .where(and(mine, isNull(apiTokens.revokedAt)))
    .returning({ id: apiTokens.id });
  if (revoked.length === 0) return;
  await notify(tx, "ballast_tokens", tokenId);
  await audit(tx, scope, { action: "token.revoke", subject: tokenId, detail: { name: found.name } });
}

/** The token's meaning, or null if it is unknown, expired or revoked. Records its use, to the minute. */
export async function verifyToken(db: Database, token: string): Promise<VerifiedToken | null> {
  if (!/^blst_[0-9a-f]{40}$/.test(token)) return null;
  const [row] = await db.sql<
    {
      id: string;
      team_id: string;
      project_id: string;
      name: string;
      permissions: Permission[];
      expires_at: string | null;
      revoked_at: string | null;
      service_account_id: string | null;
    }[]
  >`select * from ballast_token(${hashToken(token)})`;
  // Drizzle turns off date parsing on the shared connection, so timestamps arrive as text here.
  const expiresAt = row?.expires_at ? new Date(row.expires_at) : null;
  if (!row || row.revoked_at || (expiresAt && expiresAt.getTime() <= Date.now())) return null;
  await db.sql`select ballast_token_used(${row.id})`;
  return {
    tokenId: row.id,
    teamId: row.team_id,
    projectId: row.project_id,
    name: row.name,
    permissions: row.permissions,
    expiresAt,
    serviceAccountId: row.service_account_id,
  };
}
