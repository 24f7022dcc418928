import { apiTokens, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { TRPCError } from "@trpc/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Account, scopeOfUser, signUp, verifyPassword } from "./accounts.ts";
import { accountRouter, auditRouter, tokenRouter } from "./router.ts";
import { hashToken, verifyToken } from "./tokens.ts";
import { createCallerFactory, type Identity, router } from "./trpc.ts";

let t: TestDatabase;
const call = createCallerFactory(router({ account: accountRouter, token: tokenRouter, audit: auditRouter }));
const caller = (identity: Identity) => call({ db: t.db, identity, requestId: "test" });
let people = 0;

async function newPerson() {
  people += 1;
  const input = {
    name: "Ada",
    email: `ada${people}@example.com`,
    password: "correct horse battery",
    teamName: "Airline Ops",
    projectName: "US flights",
  };
  const made = await signUp(t.db, input);
  return { ...made, input, where: { team: made.teamSlug, project: made.projectSlug } };
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "OK",
    (error: unknown) => (error instanceof TRPCError ? error.code : String(error)),
  );
}

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

test("a password opens its own account only, and team slugs stay apart", async () => {
  const [a, b] = [await newPerson(), await newPerson()];
  expect(a.teamSlug).not.toBe(b.teamSlug);
  expect((await verifyPassword(t.db, a.input.email.toUpperCase(), a.input.password))?.id).toBe(a.account.id);
  expect(await verifyPassword(t.db, a.input.email, "wrong password!")).toBeNull();
  expect(await verifyPassword(t.db, "nobody@example.com", a.input.password)).toBeNull();
  await expect(signUp(t.db, { ...a.input })).rejects.toMatchObject({ code: "conflict", details: { field: "email" } });
});

test("people who sign up at once with one team name all get a team, and a refused sign-up leaves nothing", async () => {
  const input = { name: "Ada", password: "correct horse battery", teamName: "Same Name", projectName: "US flights" };
  const made = await Promise.all(
    Array.from({ length: 6 }, (_, i) => signUp(t.db, { ...input, email: `same${i}@example.com` })),
  );
  expect(new Set(made.map((one) => one.teamSlug)).size).toBe(6);
  const teams = async () => (await t.owner.sql`select count(*)::int as n from teams`)[0]?.n;
  const before = await teams();
  await expect(signUp(t.db, { ...input, email: "same0@example.com" })).rejects.toMatchObject({ code: "conflict" });
  expect(await teams()).toBe(before);
});

test("somebody else's project and a missing one look the same", async () => {
  const [a, b] = [await newPerson(), await newPerson()];
  const foreign = await scopeOfUser(t.db, b.account, a.where.team, a.where.project).catch((e: Error) => e.message);
  expect(foreign).toBe(`Project "${a.where.team}/${a.where.project}" does not exist.`);
  const identity: Identity = { kind: "user", account: b.account };
  expect(await codeOf(caller(identity).token.list(a.where))).toBe("NOT_FOUND");
  expect(await codeOf(caller(null).token.list(a.where))).toBe("UNAUTHORIZED");
});

test("a token is shown once, stored hashed, works until revoked, and never exceeds its maker", async () => {
  const a = await newPerson();
  const me: Identity = { kind: "user", account: a.account };
  const made = await caller(me).token.create({
    ...a.where,
    name: "ci",
    permissions: ["token.write", "token.read"],
    expiresInDays: 30,
  });
  const stored = await withTenant(t.db, a.scope.teamId, (tx) => tx.select().from(apiTokens));
  expect(JSON.stringify(stored)).not.toContain(made.token);
  expect(stored[0]?.hash).toBe(hashToken(made.token));
  const token = await verifyToken(t.db, made.token);
  if (!token) throw new Error("token not accepted");
  const program = caller({ kind: "token", token });
  expect(await codeOf(program.token.list(a.where))).toBe("OK");
  expect(await codeOf(program.audit.list(a.where))).toBe("FORBIDDEN");
  const wider = program.token.create({ ...a.where, name: "wider", permissions: ["budget.write"], expiresInDays: null });
  expect(await codeOf(wider)).toBe("FORBIDDEN");
  await caller(me).token.revoke({ ...a.where, id: made.id });
  expect(await verifyToken(t.db, made.token)).toBeNull();
});

test("every change is in the audit log, page by page", async () => {
  const a = await newPerson();
  const me = caller({ kind: "user", account: a.account } satisfies { kind: "user"; account: Account });
  for (let i = 0; i < 3; i++)
    await me.token.create({ ...a.where, name: `t${i}`, permissions: ["project.read"], expiresInDays: null });
  const first = await me.audit.list({ ...a.where, limit: 2 });
  expect(first.events.map((e) => e.action)).toEqual(["token.create", "token.create"]);
  const rest = await me.audit.list({ ...a.where, limit: 5, ...(first.next ? { before: first.next } : {}) });
  expect(rest.events.map((e) => e.action)).toEqual(["token.create", "team.create"]);
  expect(rest.next).toBeNull();
});

test("bad input names its field", async () => {
  const work = caller(null).account.signUp({
    name: "A",
    email: "no",
    password: "short",
    teamName: "T",
    projectName: "P",
  });
  await expect(work).rejects.toMatchObject({ code: "BAD_REQUEST" });
  await expect(work).rejects.toThrow(/email/);
});
