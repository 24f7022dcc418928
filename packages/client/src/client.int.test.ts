/** The client against a real server whose answers get lost, come late or not at all. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAppRouter, handleTrpc } from "@ballast/api";
import { ArtifactStore } from "@ballast/artifacts";
import { PERMISSIONS } from "@ballast/core";
import { withTenant } from "@ballast/db";
import { freePort } from "@ballast/db/embedded";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createToken, signUp, verifyToken } from "@ballast/governance/server";
import { openPluginHost } from "@ballast/marketplace/server";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { BallastError, createClient } from "./index.ts";

type Fault = "lose the request" | "lose the answer" | "502" | "be silent";
const folder = mkdtempSync(join(tmpdir(), "ballast-client-"));
const plugins = await openPluginHost({ folders: [join(import.meta.dirname, "..", "..", "..", "plugins")] });
const router = createAppRouter({ artifacts: new ArtifactStore(folder), plugins });

let t: TestDatabase;
let server: Server;
let url: string;
let token: string;
let faults: Fault[] = [];
let asked = 0;

/** Answers as the web app does, unless a fault is next. */
async function answer(url: string, method: string, headers: Headers, body: Buffer): Promise<Response> {
  const presented = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
  const verified = presented ? await verifyToken(t.db, presented) : null;
  const identity = verified ? { kind: "token" as const, token: verified } : null;
  const req = new Request(url, { method, headers, ...(method === "GET" ? {} : { body: new Uint8Array(body) }) });
  const createContext = async () => ({ db: t.db, identity, requestId: "req-client" });
  return handleTrpc(req, "/api/trpc", router, createContext);
}

function serve(): Server {
  return createServer(async (request, response) => {
    asked += 1;
    const fault = faults.shift();
    if (fault === "lose the request") return request.socket.destroy();
    if (fault === "be silent") return;
    if (fault === "502") return response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad gateway</h1>");
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers))
      if (typeof value === "string") headers.set(name, value);
    const made = await answer(`${url}${request.url}`, request.method ?? "GET", headers, Buffer.concat(chunks));
    if (fault === "lose the answer") return request.socket.destroy();
    response.writeHead(made.status, Object.fromEntries(made.headers)).end(Buffer.from(await made.arrayBuffer()));
  });
}

beforeAll(async () => {
  t = await testDatabase();
  const made = await signUp(t.db, {
    ...{ name: "Script", email: "script@example.com", password: "correct horse battery" },
    ...{ teamName: "Scripts", projectName: "First" },
  });
  token = (
    await withTenant(t.db, made.scope.teamId, (tx) =>
      createToken(tx, made.scope, { name: "script", permissions: [...PERMISSIONS], expiresInDays: 1 }),
    )
  ).token;
  server = serve();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  faults = [];
  asked = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const failure = (work: Promise<unknown>): Promise<BallastError> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: unknown) => (error instanceof BallastError ? error : Promise.reject(error)),
  );
const names = async () => (await createClient({ url, token }).token.list.query()).map((one) => one.name);

test("a token is enough to know the project, and dates arrive as dates", async () => {
  const ballast = createClient({ url: `${url}/`, token });
  const [first] = await ballast.token.list.query();
  expect(first?.createdAt).toBeInstanceOf(Date);
  expect((await ballast.audit.list.query({ limit: 1 })).events).toHaveLength(1);
  const named = createClient({ url, token, team: "others", project: "x" });
  expect(await failure(named.token.list.query())).toMatchObject({ code: "not_found", status: 404 });
});

test("a query is asked again until it is answered", async () => {
  faults = ["lose the request", "lose the answer", "502"];
  expect(await names()).toContain("script");
  expect(asked).toBe(4);
});

test("a mutation that may have been done is not done twice, unless twice is once", async () => {
  const ballast = createClient({ url, token });
  const make = (name: string) => ({ name, permissions: ["project.read" as const], expiresInDays: 1 });
  faults = ["lose the answer"];
  const lost = await failure(ballast.token.create.mutate(make("lost")));
  expect(lost).toMatchObject({ code: "no_answer", status: null });
  expect(lost.message).toMatch(/look before you repeat/);
  expect((await names()).filter((name) => name === "lost")).toHaveLength(1);
  const [one] = (await ballast.token.list.query()).filter(({ name }) => name === "lost");
  faults = ["lose the answer", "502"];
  asked = 0;
  await ballast.token.revoke.mutate({ id: one?.id ?? "" }, { idempotent: true });
  expect(asked).toBe(3);
});

test("where nothing listens even a mutation is tried again, and finds a server that starts meanwhile", async () => {
  const port = await freePort();
  const late = createClient({ url: `http://127.0.0.1:${port}`, token });
  const making = late.token.create.mutate({ name: "patient", permissions: ["project.read"], expiresInDays: 1 });
  const second = serve();
  await new Promise<void>((resolve) => second.listen(port, "127.0.0.1", resolve));
  await making;
  second.closeAllConnections();
  await new Promise((resolve) => second.close(resolve));
  expect((await names()).filter((name) => name === "patient")).toHaveLength(1);
  const nobody = createClient({ url: `http://127.0.0.1:${await freePort()}`, token, retries: 1 });
  expect(await failure(nobody.token.list.query())).toMatchObject({ code: "unreachable", path: "token.list" });
});

test("errors name the field, the fix and the request", async () => {
  const ballast = createClient({ url, token });
  const wrong = await failure(ballast.audit.list.query({ limit: 0 }));
  expect(wrong).toMatchObject({ code: "invalid_input", status: 400, field: "limit", requestId: "req-client" });
  expect(wrong.message).toMatch(/^audit\.list: limit: /);
  expect(wrong.issues).toHaveLength(1);
  const missing = await failure(ballast.token.revoke.mutate({ id: "tok_nope" }));
  expect(missing).toMatchObject({ code: "not_found", details: { what: "Token", id: "tok_nope" } });
  const revoked = await failure(createClient({ url, token: `blst_${"0".repeat(40)}` }).token.list.query());
  expect(revoked).toMatchObject({ code: "unauthenticated", fix: expect.stringContaining("rotate") });
  const elsewhere = await failure(createClient({ url: `${url}/deeper`, token }).token.list.query());
  expect(elsewhere.code).toBe("not_found");
  expect(asked).toBe(4);
});

test("a caller can stop waiting, and does not wait for ever by itself", async () => {
  const stop = new AbortController();
  faults = ["be silent"];
  const waiting = failure(createClient({ url, token }).token.list.query({}, { signal: stop.signal }));
  stop.abort();
  expect(await waiting).toMatchObject({ code: "aborted", status: null });
  faults = ["be silent", "be silent"];
  const late = await failure(createClient({ url, token, timeoutMs: 60, retries: 1 }).token.list.query());
  expect(late).toMatchObject({ code: "no_answer", message: expect.stringContaining("did not answer in time") });
});

test("a wrong setting is named at once", () => {
  expect(() => createClient({ url: "localhost:7300", token })).toThrow(/url/);
  expect(() => createClient({ url, token: "blst_short" })).toThrow(/token/);
  expect(() => createClient({ url, token, retries: -1 })).toThrow(/retries/);
});
