import { createHash, randomBytes } from "node:crypto";
import { AppError, mayDo, newId, notFound, type Permission, type Scope } from "@ballast/core";
import { apiTokens, type Database, notify, type Tx } from "@ballast/db";
import { and, desc, eq, isNull } from "drizzle-orm";
import { audit } from "./audit.ts";
import type { CreateToken } from "./index.ts";

const DAY_MS = 86_400_000;

/** What a valid token stands for. */
export interface VerifiedToken {
  tokenId: string;
  teamId: string;
  projectId: string;
  name: string;
  permissions: Permission[];
  expiresAt: Date | null;
}

/** Hex SHA-256: what is stored of a token. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Makes a token; its text is returned this once and kept nowhere. Nobody hands out a permission they lack. */
export async function createToken(tx: Tx, scope: Scope, input: CreateToken): Promise<{ id: string; token: string }> {
  const beyond = input.permissions.filter((permission) => !mayDo(scope.actor, permission));
  if (beyond.length > 0) {
    throw new AppError("forbidden", `You lack ${beyond.join(", ")} yourself, so a token of yours cannot have it.`, {
      details: { field: "permissions" },
    });
  }
  const token = `blst_${randomBytes(20).toString("hex")}`;
  const id = newId("apiToken");
  await tx.insert(apiTokens).values({
    teamId: scope.teamId,
    projectId: scope.projectId,
    id,
    name: input.name,
    hash: hashToken(token),
    prefix: token.slice(0, 10),
    permissions: input.permissions,
    createdBy: scope.actor.name,
    expiresAt: input.expiresInDays === null ? null : new Date(Date.now() + input.expiresInDays * DAY_MS),
  });
  await audit(tx, scope, {
    action: "token.create",
    subject: id,
    detail: { name: input.name, permissions: input.permissions },
  });
  return { id, token };
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
    })
    .from(apiTokens)
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
  };
}
