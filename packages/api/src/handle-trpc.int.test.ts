import { PLATFORM } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createToken, verifyToken } from "@ballast/governance/server";
import { type Identity, router } from "@ballast/governance/trpc";
import { afterAll, beforeAll, expect, test } from "vitest";
import { handleTrpc } from "./handle-trpc.ts";
import type { AppRouter } from "./index.ts";
import { loopRouter } from "./loop-router.ts";

let t: TestDatabase;
let program: Identity;
beforeAll(async () => {
  t = await testDatabase();
  const scope = { ...(await t.newScope()), actor: PLATFORM };
  const made = await withTenant(t.db, scope.teamId, (tx) =>
    createToken(tx, scope, { name: "ci", permissions: ["project.read", "project.write"], expiresInDays: null }),
  );
  const token = await verifyToken(t.db, made.token);
  if (!token) throw new Error("unreachable: it was made just now");
  program = { kind: "token", token };
});
afterAll(() => t.close());

const routes = router({ loop: loopRouter }) as unknown as AppRouter;
async function ask(path: string, identity: Identity, init: RequestInit = {}) {
  const request = new Request(`https://ballast.example/api/trpc/${path}`, init);
  const context = async () => ({ db: t.db, identity, requestId: "req-7" });
  const response = await handleTrpc(request, "/api/trpc", routes, context);
  return { status: response.status, text: await response.text() };
}
const posted = (bytes: number): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ json: { eventId: 5, padding: "x".repeat(bytes) } }),
});

test("a stranger's body is read as far as a form goes, a caller's as far as a call goes", async () => {
  expect((await ask("loop.retryEvent", null, posted(1_000))).text).toContain("Sign in, or send an API token");
  const stranger = await ask("loop.retryEvent", null, posted(100_000));
  expect([stranger.status, stranger.text]).toMatchObject([413, expect.stringContaining("send a valid API token")]);
  expect((await ask("loop.retryEvent", program, posted(100_000))).text).toContain('Event \\"5\\" does not exist');
  expect((await ask("loop.retryEvent", program, posted(9_000_000))).status).toBe(413);
});

test("one request carries a page's questions, not a thousand", async () => {
  const many = (n: number) => ask(`${Array(n).fill("loop.progress").join(",")}?batch=1`, program);
  expect((await many(40)).status).toBe(200);
  expect((await many(101)).status).toBe(400);
});

test("a stream that breaks says nothing of what it was asked", async () => {
  await t.owner.sql`alter table domain_events rename to elsewhere`;
  const { text } = await ask("loop.live", program).finally(
    () => t.owner.sql`alter table elsewhere rename to domain_events`,
  );
  expect(text).toContain("serialized-error");
  expect(text).toContain("INTERNAL_SERVER_ERROR");
  expect(text).not.toMatch(/select|params|team_/);
});
