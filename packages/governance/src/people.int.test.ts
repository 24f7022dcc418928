import type { Role } from "@ballast/core";
import { memberships, userIdentities, users, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { TRPCError } from "@trpc/server";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Account, createProject, scopeOfUser, signUp } from "./accounts.ts";
import { type ProviderClaims, signInWithProvider } from "./identities.ts";
import { acceptInvitation, joinWithInvitation, readInvitation } from "./invitations.ts";
import { type OidcSettings, oidcSettings } from "./oidc-settings.ts";
import { auditRouter, invitationRouter, memberRouter, serviceAccountRouter, tokenRouter } from "./router.ts";
import { stillAllowed } from "./still-allowed.ts";
import { actorOfToken, verifyToken } from "./tokens.ts";
import { createCallerFactory, type Identity, router } from "./trpc.ts";

let t: TestDatabase;
const call = createCallerFactory(
  router({
    ...{ member: memberRouter, invitation: invitationRouter, serviceAccount: serviceAccountRouter },
    ...{ token: tokenRouter, audit: auditRouter },
  }),
);
const as = (identity: Identity) => call({ db: t.db, identity, requestId: "test" });
const person = (account: Account) => as({ kind: "user", account });
const PASSWORD = "correct horse battery";
let people = 0;

/** Somebody with a team and a project of their own. */
async function newOwner() {
  people += 1;
  const email = `owner${people}@example.com`;
  const made = await signUp(t.db, {
    ...{ name: `Owner ${people}`, email, password: PASSWORD },
    ...{ teamName: `Team ${people}`, projectName: "First" },
  });
  return { ...made, where: { team: made.teamSlug, project: made.projectSlug }, api: person(made.account) };
}
type Owner = Awaited<ReturnType<typeof newOwner>>;

/** Somebody new in the owner's team, let in by a link. */
async function join(owner: Owner, role: Role): Promise<Account> {
  people += 1;
  const { secret } = await owner.api.invitation.create({ ...owner.where, role });
  const input = { name: `Person ${people}`, email: `person${people}@example.com`, password: PASSWORD };
  return (await joinWithInvitation(t.db, secret, input)).account;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "OK",
    (error: unknown) =>
      error instanceof TRPCError ? error.code : ((error as { code?: string }).code ?? String(error)),
  );
const actions = async (owner: Owner) => (await owner.api.audit.list({ ...owner.where })).events.map((e) => e.action);

beforeAll(async () => {
  t = await testDatabase();
});
afterAll(() => t.close());

describe("invitations", () => {
  test("a link lets one new person in, with its role, once; the log says so in every project", async () => {
    const owner = await newOwner();
    const other = await withTenant(t.db, owner.scope.teamId, (tx) => createProject(tx, owner.scope, "Second"));
    const { secret, id } = await owner.api.invitation.create({ ...owner.where, role: "engineer" });
    expect(JSON.stringify(await t.owner.sql`select * from invitations`)).not.toContain(secret);
    expect(await readInvitation(t.db, secret)).toMatchObject({
      role: "engineer",
      email: null,
      teamName: `Team ${people}`,
    });
    const input = { name: "Grace", email: `grace${people}@example.com`, password: PASSWORD };
    const { account } = await joinWithInvitation(t.db, secret, input);
    const scope = await scopeOfUser(t.db, account, owner.where.team, owner.where.project);
    expect(scope.actor).toMatchObject({ type: "user", role: "engineer", name: "Grace" });
    expect(await codeOf(joinWithInvitation(t.db, secret, { ...input, email: "x@example.com" }))).toBe(
      "precondition_failed",
    );
    expect(await t.db.drizzle.select().from(users).where(eq(users.email, "x@example.com"))).toEqual([]);
    const log = await owner.api.audit.list({ ...owner.where, project: other.slug });
    expect(log.events.map((e) => [e.action, e.actorName])).toContainEqual(["invitation.accept", "Grace"]);
    expect(await owner.api.invitation.list(owner.where)).toEqual([]);
    expect(await codeOf(owner.api.invitation.revoke({ ...owner.where, id }))).toBe("NOT_FOUND");
  });

  test("of many who take one link at once, one gets in and no account is left of the others", async () => {
    const owner = await newOwner();
    const { secret } = await owner.api.invitation.create({ ...owner.where, role: "viewer" });
    const email = (i: number) => `race${people}-${i}@example.com`;
    const taken = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        codeOf(joinWithInvitation(t.db, secret, { name: "Racer", email: email(i), password: PASSWORD })),
      ),
    );
    expect(taken.filter((code) => code === "OK")).toHaveLength(1);
    const left = await t.owner.sql`select count(*)::int as n from users where email like ${`race${people}-%`}`;
    expect(left[0]?.n).toBe(1);
  });

  test("bound to an address it works for no other; a member cannot use it up", async () => {
    const [owner, guest] = [await newOwner(), await newOwner()];
    const bound = await owner.api.invitation.create({ ...owner.where, role: "viewer", email: "Only@Example.com" });
    const error = await acceptInvitation(t.db, guest.account, bound.secret).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: "forbidden", message: expect.stringContaining("only@example.com") });
    const open = await owner.api.invitation.create({ ...owner.where, role: "viewer" });
    expect(await codeOf(acceptInvitation(t.db, owner.account, open.secret))).toBe("conflict");
    await acceptInvitation(t.db, guest.account, open.secret);
    expect((await owner.api.member.list(owner.where)).map((m) => m.role).sort()).toEqual(["admin", "viewer"]);
  });

  test("revoked, replaced and expired links are dead", async () => {
    const owner = await newOwner();
    const { id, secret } = await owner.api.invitation.create({ ...owner.where, role: "viewer", expiresInDays: 3 });
    const renewed = await owner.api.invitation.renew({ ...owner.where, id });
    expect(await codeOf(readInvitation(t.db, secret))).toBe("not_found");
    expect((await readInvitation(t.db, renewed.secret)).id).toBe(id);
    await t.owner.sql`update invitations set expires_at = now() - interval '1 second' where id = ${id}`;
    expect(await codeOf(readInvitation(t.db, renewed.secret))).toBe("precondition_failed");
    const guest = await newOwner();
    expect(await codeOf(acceptInvitation(t.db, guest.account, renewed.secret))).toBe("precondition_failed");
    await owner.api.invitation.revoke({ ...owner.where, id });
    expect(await codeOf(readInvitation(t.db, renewed.secret))).toBe("not_found");
    for (const bad of ["", "x".repeat(27), "'; drop table users", "\u0000"])
      expect(await codeOf(readInvitation(t.db, bad))).toBe("not_found");
  });

  test("another team's invitation is as unknown as none", async () => {
    const [owner, other] = [await newOwner(), await newOwner()];
    const { id } = await owner.api.invitation.create({ ...owner.where, role: "viewer" });
    for (const act of ["renew", "revoke"] as const)
      expect(await codeOf(other.api.invitation[act]({ ...other.where, id }))).toBe("NOT_FOUND");
    expect(await other.api.invitation.list(other.where)).toEqual([]);
  });
});

describe("members", () => {
  test("a role counts from the next request on, and tokens beyond the new one are revoked", async () => {
    const owner = await newOwner();
    const account = await join(owner, "engineer");
    const api = person(account);
    const small = await api.token.create({
      ...owner.where,
      name: "r",
      permissions: ["project.read"],
      expiresInDays: 1,
    });
    const wide = await api.token.create({
      ...owner.where,
      name: "w",
      permissions: ["model.write"],
      expiresInDays: null,
    });
    expect(await owner.api.member.list(owner.where)).toContainEqual(
      expect.objectContaining({ userId: account.id, role: "engineer", tokens: 2, lastAdmin: false }),
    );
    const change = { ...owner.where, userId: account.id, role: "viewer" as const };
    expect(await owner.api.member.setRole(change)).toEqual({ revokedTokens: 1 });
    expect(await verifyToken(t.db, wide.token)).toBeNull();
    expect(await verifyToken(t.db, small.token)).not.toBeNull();
    expect(await codeOf(api.token.revoke({ ...owner.where, id: small.id }))).toBe("FORBIDDEN");
    expect(await owner.api.member.remove({ ...owner.where, userId: account.id })).toEqual({ revokedTokens: 1 });
    expect(await codeOf(api.token.list(owner.where))).toBe("NOT_FOUND");
    expect(await verifyToken(t.db, small.token)).toBeNull();
    expect((await actions(owner)).slice(0, 2)).toEqual(["member.remove", "member.change_role"]);
  });

  test("the links of somebody who is removed or invites no more are dead; those of others are not", async () => {
    const owner = await newOwner();
    for (const leave of ["remove", "demote"] as const) {
      const account = await join(owner, "admin");
      const [api, another] = [person(account), person(await join(owner, "admin"))];
      const invite = (by: typeof api) => by.invitation.create({ ...owner.where, role: "admin" });
      const { token } = await api.token.create({
        ...{ ...owner.where, name: "hr", permissions: ["team.manage"], expiresInDays: 1 },
      });
      const verified = await verifyToken(t.db, token);
      if (!verified) throw new Error("a new token must verify");
      const program = as({ kind: "token", token: verified });
      const [own, renewed, old, kept] = [
        await invite(api),
        await invite(another),
        await invite(api),
        await invite(another),
      ];
      const through = await program.invitation.create({ ...owner.where, role: "engineer" });
      const again = await api.invitation.renew({ ...owner.where, id: renewed.id });
      await t.owner.sql`update invitations set invited_by_id = null where id = ${old.id}`;
      const who = { ...owner.where, userId: account.id };
      if (leave === "remove") await owner.api.member.remove(who);
      else await owner.api.member.setRole({ ...who, role: "engineer" });
      for (const { secret } of [own, old, again, through])
        expect(await codeOf(readInvitation(t.db, secret))).toBe("not_found");
      expect((await readInvitation(t.db, kept.secret)).role).toBe("admin");
      const [event] = (await owner.api.audit.list({ ...owner.where })).events;
      expect(event?.detail).toMatchObject({ revokedInvitations: 4 });
    }
  });

  test("the last admin stays, also when two step down at once", async () => {
    const owner = await newOwner();
    const self = { ...owner.where, userId: owner.account.id };
    expect(await codeOf(owner.api.member.remove(self))).toBe("CONFLICT");
    expect(await codeOf(owner.api.member.setRole({ ...self, role: "viewer" }))).toBe("CONFLICT");
    const second = await join(owner, "admin");
    const both = await Promise.all([
      codeOf(owner.api.member.setRole({ ...self, role: "viewer" })),
      codeOf(person(second).member.setRole({ ...owner.where, userId: second.id, role: "viewer" })),
    ]);
    expect(both.sort()).toEqual(["CONFLICT", "OK"]);
  });

  test("a program that manages people makes no admins and unmakes none", async () => {
    const owner = await newOwner();
    const { token } = await owner.api.token.create({
      ...{ ...owner.where, name: "hr", permissions: ["team.manage"], expiresInDays: 1 },
    });
    const verified = await verifyToken(t.db, token);
    if (!verified) throw new Error("a new token must verify");
    const program = as({ kind: "token", token: verified });
    expect(await codeOf(program.invitation.create({ ...owner.where, role: "admin" }))).toBe("FORBIDDEN");
    expect(await codeOf(program.invitation.create({ ...owner.where, role: "engineer" }))).toBe("OK");
    await join(owner, "admin");
    expect(await codeOf(program.member.remove({ ...owner.where, userId: owner.account.id }))).toBe("FORBIDDEN");
  });
});

describe("service accounts", () => {
  const permissions = ["project.read", "audit.read", "token.write"] as const;
  const create = (owner: Owner, more = {}) =>
    owner.api.serviceAccount.create({ ...owner.where, name: "nightly", permissions: [...permissions], ...more });
  const tokenOf = (owner: Owner, id: string, name = "ci") =>
    owner.api.token.create({
      ...{ ...owner.where, name, permissions: ["audit.read", "token.write"], expiresInDays: 30, serviceAccountId: id },
    });

  test("its token acts under its name, has what both name, and ends with it", async () => {
    const owner = await newOwner();
    const { id } = await create(owner);
    const { token } = await tokenOf(owner, id);
    const verified = await verifyToken(t.db, token);
    if (!verified) throw new Error("a new token must verify");
    const program = as({ kind: "token", token: verified });
    const made = await program.token.create({
      ...owner.where,
      name: "x",
      permissions: ["audit.read"],
      expiresInDays: 1,
    });
    const [entry] = (await program.audit.list(owner.where)).events;
    expect(entry).toMatchObject({ actorType: "service_account", actorId: id, actorName: "nightly", subject: made.id });
    const scope = { ...owner.scope, actor: actorOfToken(verified) };
    const allowed = () => withTenant(t.db, scope.teamId, (tx) => stillAllowed(tx, scope, "audit.read"));
    expect(await allowed()).toBe(true);

    await owner.api.serviceAccount.update({ ...owner.where, id, permissions: ["project.read", "token.write"] });
    expect((await verifyToken(t.db, token))?.permissions).toEqual(["token.write"]);
    expect(await allowed()).toBe(false);
    await owner.api.serviceAccount.update({ ...owner.where, id, permissions: [...permissions] });
    await owner.api.serviceAccount.disable({ ...owner.where, id });
    expect(await verifyToken(t.db, token)).toBeNull();
    expect(await allowed()).toBe(false);
    expect(await codeOf(tokenOf(owner, id))).toBe("CONFLICT");
    const list = await owner.api.token.list(owner.where);
    expect(list.find((one) => one.serviceAccountId === id)?.disabledAt).toBeInstanceOf(Date);
    await owner.api.serviceAccount.enable({ ...owner.where, id });
    expect(await verifyToken(t.db, token)).not.toBeNull();
    const [account] = await owner.api.serviceAccount.list(owner.where);
    expect(account).toMatchObject({ name: "nightly", tokens: 1, teamWide: false });
    expect(account?.lastUsedAt).toBeInstanceOf(Date);
  });

  test("one of a project is unknown in the next; one of the team has tokens in both", async () => {
    const owner = await newOwner();
    const second = await withTenant(t.db, owner.scope.teamId, (tx) => createProject(tx, owner.scope, "Second"));
    const there = { ...owner, where: { ...owner.where, project: second.slug } };
    const [local, wide] = [await create(owner), await create(owner, { name: "everywhere", teamWide: true })];
    expect(await codeOf(tokenOf(there, local.id))).toBe("NOT_FOUND");
    expect(await codeOf(owner.api.serviceAccount.disable({ ...there.where, id: local.id }))).toBe("NOT_FOUND");
    const token = await verifyToken(t.db, (await tokenOf(there, wide.id)).token);
    expect(token?.projectId).toBe(second.id);
    expect((await owner.api.serviceAccount.list(there.where)).map((one) => [one.name, one.tokens])).toEqual([
      ["everywhere", 1],
    ]);
    expect(await codeOf(create(there, { name: "everywhere" }))).toBe("CONFLICT");
  });

  test("nobody gains by one: an engineer gives its tokens no more than their own, and wakes none that can do more", async () => {
    const owner = await newOwner();
    const engineer = person(await join(owner, "engineer"));
    const { id } = await create(owner, { permissions: ["budget.write", "project.read"] });
    const ask = { ...owner.where, name: "mine", expiresInDays: 1, serviceAccountId: id };
    expect(await codeOf(engineer.token.create({ ...ask, permissions: ["budget.write"] }))).toBe("FORBIDDEN");
    expect(await codeOf(engineer.token.create({ ...ask, permissions: ["model.write"] }))).toBe("BAD_REQUEST");
    expect(await codeOf(engineer.token.create({ ...ask, permissions: ["project.read"] }))).toBe("OK");
    expect(await codeOf(engineer.serviceAccount.disable({ ...owner.where, id }))).toBe("OK");
    expect(await codeOf(engineer.serviceAccount.enable({ ...owner.where, id }))).toBe("FORBIDDEN");
  });

  test("rotation: the new token has the old one's rights, and the old one ends when it was said to", async () => {
    const owner = await newOwner();
    const { id } = await create(owner);
    const first = await tokenOf(owner, id);
    const second = await owner.api.token.rotate({ ...owner.where, id: first.id, overlapHours: 24 });
    const old = await verifyToken(t.db, first.token);
    expect(Math.abs((old?.expiresAt?.getTime() ?? 0) - (Date.now() + 86_400_000))).toBeLessThan(60_000);
    expect(await verifyToken(t.db, second.token)).toMatchObject({ serviceAccountId: id, name: "nightly" });
    const third = await owner.api.token.rotate({ ...owner.where, id: second.id });
    expect(await verifyToken(t.db, second.token)).toBeNull();
    expect(await codeOf(owner.api.token.rotate({ ...owner.where, id: second.id }))).toBe("CONFLICT");
    const renewed = await verifyToken(t.db, third.token);
    expect(Math.abs((renewed?.expiresAt?.getTime() ?? 0) - (Date.now() + 30 * 86_400_000))).toBeLessThan(60_000);
  });
});

describe("identity providers", () => {
  const client = {
    ...{
      BALLAST_OIDC_ISSUER: "https://login.example.com",
      BALLAST_OIDC_CLIENT_ID: "b",
      BALLAST_OIDC_CLIENT_SECRET: "s",
    },
  };
  const settings = (more = {}): OidcSettings => {
    const read = oidcSettings({ ...client, ...more });
    if (!read) throw new Error("an issuer is set");
    return read;
  };
  let subjects = 0;
  const claims = (more: Partial<ProviderClaims> = {}): ProviderClaims => {
    subjects += 1;
    const email = `oidc${subjects}@example.com`;
    return { subject: `sub-${subjects}`, email, emailVerified: true, name: "Olga", role: null, ...more };
  };
  const reasonOf = (work: Promise<unknown>) =>
    work.then(
      () => "OK",
      (error: { details?: { reason?: string } }) => error.details?.reason ?? String(error),
    );

  test("the first time makes an account without a password, later ones find it, also under a new address", async () => {
    const first = claims();
    const account = await signInWithProvider(t.db, settings(), first, null);
    expect(account).toMatchObject({ email: first.email, name: "Olga" });
    const again = await signInWithProvider(
      t.db,
      settings(),
      { ...first, email: "new@example.com", emailVerified: false },
      null,
    );
    expect(again.id).toBe(account.id);
    const elsewhere = settings({ BALLAST_OIDC_ISSUER: "https://other.example.com" });
    expect(await reasonOf(signInWithProvider(t.db, elsewhere, { ...first, emailVerified: false }, null))).toBe(
      "unverified_email",
    );
    expect((await signInWithProvider(t.db, elsewhere, first, null)).id).toBe(account.id);
  });

  test("an address that is missing, not verified or of a foreign domain lets nobody in, and leaves nothing behind", async () => {
    const before = await t.owner.sql`select count(*)::int as n from users`;
    expect(await reasonOf(signInWithProvider(t.db, settings(), claims({ email: null }), null))).toBe("no_email");
    expect(await reasonOf(signInWithProvider(t.db, settings(), claims({ emailVerified: false }), null))).toBe(
      "unverified_email",
    );
    const closed = settings({ BALLAST_OIDC_DOMAINS: "corp.example" });
    for (const email of ["x@example.com", "x@corp.example.evil", "corp.example", "x@corp.example@evil.com"])
      expect(await reasonOf(signInWithProvider(t.db, closed, claims({ email }), null))).toBe("domain");
    expect(await reasonOf(signInWithProvider(t.db, closed, claims({ email: "X@Corp.Example" }), null))).toBe("OK");
    const after = await t.owner.sql`select count(*)::int as n from users`;
    expect(after[0]?.n).toBe((before[0]?.n as number) + 1);
  });

  test("an account with a password is linked only in a session that the password opened", async () => {
    const owner = await newOwner();
    const theirs = claims({ email: owner.account.email.toUpperCase() });
    expect(await reasonOf(signInWithProvider(t.db, settings(), theirs, null))).toBe("password_first");
    const stranger = await newOwner();
    expect(await reasonOf(signInWithProvider(t.db, settings(), theirs, stranger.account.id))).toBe("password_first");
    expect(await t.db.drizzle.select().from(userIdentities).where(eq(userIdentities.subject, theirs.subject))).toEqual(
      [],
    );
    expect((await signInWithProvider(t.db, settings(), theirs, owner.account.id)).id).toBe(owner.account.id);
    expect((await signInWithProvider(t.db, settings(), theirs, null)).id).toBe(owner.account.id);
  });

  test("everybody joins the team; mapped roles follow the provider, a role given by hand stays where none are mapped", async () => {
    const owner = await newOwner();
    const plain = settings({ BALLAST_OIDC_TEAM: owner.where.team });
    const mapped = settings({ BALLAST_OIDC_TEAM: owner.where.team, BALLAST_OIDC_ROLES: "ml=engineer,boss=admin" });
    const who = claims({ role: ["ml"] });
    const account = await signInWithProvider(t.db, plain, who, null);
    const role = async () => {
      const rows = await withTenant(t.db, owner.scope.teamId, (tx) =>
        tx.select().from(memberships).where(eq(memberships.userId, account.id)),
      );
      return rows[0]?.role;
    };
    expect(await role()).toBe("viewer");
    await owner.api.member.setRole({ ...owner.where, userId: account.id, role: "approver" });
    await signInWithProvider(t.db, plain, who, null);
    expect(await role()).toBe("approver");
    await signInWithProvider(t.db, mapped, who, null);
    expect(await role()).toBe("engineer");
    await signInWithProvider(t.db, mapped, { ...who, role: ["boss"] }, null);
    await owner.api.member.remove({ ...owner.where, userId: owner.account.id });
    await signInWithProvider(t.db, mapped, { ...who, role: [] }, null);
    expect(await role()).toBe("admin");
    const nowhere = settings({ BALLAST_OIDC_TEAM: "no-such-team" });
    expect((await signInWithProvider(t.db, nowhere, who, null)).id).toBe(account.id);
  });
});
