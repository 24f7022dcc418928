import "server-only";
import { randomUUID } from "node:crypto";
import type { ApiContext, Identity } from "@ballast/api";
import { verifyToken } from "@ballast/governance/server";
import { auth } from "./auth.ts";
import { database } from "./database.ts";
import { admitSignUp } from "./sign-ups.ts";

async function identityOf(authorization: string | null): Promise<Identity> {
  if (authorization !== null) {
    const token = /^Bearer (\S+)$/.exec(authorization)?.[1];
    const verified = token ? await verifyToken(database(), token) : null;
    return verified ? { kind: "token", token: verified } : null;
  }
  const session = await auth();
  if (!session?.user?.id || !session.user.email) return null;
  const { id, email, name } = session.user;
  return { kind: "user", account: { id, email, name: name ?? email }, until: new Date(session.expires) };
}

/** Who calls a procedure: the bearer token if one is sent, else the session cookie. */
export async function apiContext(headers: Headers): Promise<ApiContext> {
  const requestId = headers.get("x-request-id")?.slice(0, 64) ?? randomUUID();
  const identity = await identityOf(headers.get("authorization"));
  return { db: database(), identity, requestId, admitSignUp: () => admitSignUp(headers) };
}
