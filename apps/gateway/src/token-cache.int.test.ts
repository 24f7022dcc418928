import { withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { revokeToken } from "@ballast/governance/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TestProject } from "./testing/test-project.ts";
import { TokenCache } from "./token-cache.ts";

let t: TestDatabase;
let project: TestProject;
beforeAll(async () => {
  t = await testDatabase();
  project = await TestProject.create(t);
});
afterAll(async () => {
  await t?.close();
  project?.remove();
});

/** A cache that has just seen a token. */
async function known() {
  const { id, token } = await project.token();
  const cache = new TokenCache(t.db);
  const header = `Bearer ${token}`;
  expect(await cache.caller(header, Date.now())).toMatchObject({ tokenId: id });
  return { id, cache, ask: (later = 0) => cache.caller(header, Date.now() + later) };
}

/** Postgres takes questions about tokens and answers none of them. */
const whileHung = (fn: () => Promise<void>) =>
  withTenant(t.db, project.scope.teamId, async (tx) => {
    await tx.execute("lock table api_tokens in access exclusive mode");
    await fn();
  });

test("a token in use never waits for a database that hangs, also when some token changed", async () => {
  const { id, cache, ask } = await known();
  await whileHung(async () => {
    expect(ask(3_000)).toMatchObject({ tokenId: id });
    cache.forget("tok_other");
    expect(ask()).toMatchObject({ tokenId: id });
    cache.forget(null);
    expect(ask()).toMatchObject({ tokenId: id });
  });
});

test("after a pause, requests with a token wait for one question together, and no longer than stated", async () => {
  const { id, ask } = await known();
  await whileHung(async () => {
    const first = ask(5_000);
    expect(first).toBeInstanceOf(Promise);
    expect(ask(5_000)).toBe(first);
    const startedAt = Date.now();
    expect(await first).toMatchObject({ tokenId: id });
    expect(Date.now() - startedAt).toBeLessThan(3_000);
  });
});

test("a token that is said to have changed is asked about before it opens anything", async () => {
  const { id, cache, ask } = await known();
  await withTenant(t.db, project.scope.teamId, (tx) => revokeToken(tx, project.scope, id));
  cache.forget(id);
  expect(await ask()).toBeNull();
});

test("a revoked token that nobody told of opens nothing 5 s after it was asked about", async () => {
  const { id, ask } = await known();
  await withTenant(t.db, project.scope.teamId, (tx) => revokeToken(tx, project.scope, id));
  expect(ask(1_000)).toMatchObject({ tokenId: id });
  expect(await ask(5_000)).toBeNull();
});
