/** Every operation of the OpenAPI document, called as the document says. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { PERMISSIONS } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { scopeOfUser } from "@ballast/governance/server";
import { openPluginHost } from "@ballast/marketplace/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAppRouter, handleRest, type Identity, openApiDocument } from "../index.ts";
import { newAdmin, newProgram } from "../testing/access-world.ts";

const folder = mkdtempSync(join(tmpdir(), "ballast-rest-"));
const plugins = await openPluginHost({ folders: [join(import.meta.dirname, "..", "..", "..", "..", "plugins")] });
const router = createAppRouter({ artifacts: new ArtifactStore(folder), plugins });
const document = openApiDocument(router, "https://ballast.example");
const OPERATIONS = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path: path.slice(1), method: method.toUpperCase(), operation })),
);

let t: TestDatabase;
let program: Identity;
let person: Identity;
let where: { team: string; project: string };
beforeAll(async () => {
  t = await testDatabase();
  const place = { t, router, onnx: "" };
  const made = await newAdmin(place, "rest");
  where = { team: made.team, project: made.project };
  person = { kind: "user", account: made.account };
  program = await newProgram(place, await scopeOfUser(t.db, made.account, made.team, made.project), PERMISSIONS);
});
afterAll(async () => {
  await t?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Ask {
  method?: string;
  query?: Record<string, string>;
  body?: unknown;
  text?: string;
  type?: string;
  identity?: Identity;
}
async function ask(
  path: string,
  { method = "GET", query = {}, body, text, type = "application/json", identity = null }: Ask = {},
) {
  const url = `https://ballast.example/api/v1/${path}?${new URLSearchParams(query)}`;
  const sent = method === "GET" ? {} : { body: text ?? JSON.stringify(body ?? {}), headers: { "content-type": type } };
  const request = new Request(url, { method, ...sent });
  const response = await handleRest(request, path, router, async () => ({ db: t.db, identity, requestId: "req-7" }));
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, answer };
}

describe("the document", () => {
  test("names every procedure that is no stream, once, with its permission", () => {
    const procedures = router._def.procedures as unknown as Record<string, { _def: { type: string } }>;
    const all = Object.keys(procedures).filter((path) => procedures[path]?._def.type !== "subscription");
    expect(OPERATIONS.map(({ path }) => path).sort()).toEqual(all.sort());
    expect(OPERATIONS.filter(({ path, operation }) => operation.operationId !== path)).toEqual([]);
    const startRun = OPERATIONS.find(({ path }) => path === "experiment.startRun");
    expect(startRun?.operation.description).toContain("experiment.write");
  });

  test("refers to nothing that is not in it, and survives JSON", () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map(([, to]) => to ?? "");
    expect(references.length).toBeGreaterThan(OPERATIONS.length);
    expect(references.filter((to) => !/^#\/components\/(schemas|responses)\/Error(\d{3})?$/.test(to))).toEqual([]);
    expect(JSON.parse(text)).toEqual(document);
  });

  test("asks for neither team nor project, which a token implies", () => {
    expect(JSON.stringify(document)).not.toMatch(/"required":\[[^\]]*"(team|project)"/);
  });
});

test.each(OPERATIONS)(
  "$method $path: nobody gets in, and broken input is the caller's error",
  async ({ path, method, operation }) => {
    const open = "security" in operation && operation.security?.length === 0;
    const expected = open ? 400 : 401;
    expect((await ask(path, { method })).status).toBe(expected);
    for (const text of ["{", "null", "[]", '"x"', '{"team":', '{"__proto__":{"admin":true}}']) {
      const { status, answer } = await ask(path, { method: "POST", text, identity: program });
      expect([text, status]).not.toEqual([text, 500]);
      if (status >= 400)
        expect(answer).toMatchObject({ error: expect.any(String), code: expect.any(String), request_id: "req-7" });
    }
  },
);

test("a token's project is meant where none is named; a person names one", async () => {
  const mine = await ask("token.list", { identity: program });
  expect(mine.status).toBe(200);
  expect(mine.answer).toHaveLength(1);
  const named = await ask("token.list", { identity: person, query: where });
  expect(JSON.stringify(named.answer)).toBe(JSON.stringify(mine.answer));
  expect((await ask("token.list", { identity: person })).answer).toMatchObject({ code: "invalid_input" });
  const foreign = await ask("token.list", { identity: program, query: { team: "others", project: "x" } });
  expect([foreign.status, foreign.answer.code]).toEqual([404, "not_found"]);
});

test("dates and numbers travel in an address, long inputs in a body, and a wrong one is named", async () => {
  const range = { from: "2001-01-01T00:00:00Z", to: "2002-01-01T00:00:00Z" };
  expect((await ask("finops.costByDay", { identity: program, query: range })).status).toBe(200);
  expect((await ask("finops.costByDay", { identity: program, method: "POST", body: range })).status).toBe(200);
  const wrong = await ask("finops.costByDay", { identity: program, query: { ...range, from: "soon" } });
  expect([wrong.status, wrong.answer.details]).toMatchObject([400, { field: "from" }]);
  const few = await ask("audit.list", { identity: program, query: { limit: "1" } });
  expect(few.answer.events).toHaveLength(1);
  for (const [limit, reason] of [
    ["0", /limit/],
    ["x", /limit must be JSON/],
    ["1e999", /limit/],
  ] as const) {
    const { status, answer } = await ask("audit.list", { identity: program, query: { limit } });
    expect(status).toBe(400);
    expect(answer.error).toMatch(reason);
    expect(answer.details).toMatchObject({ field: "limit" });
  }
  const unknown = await ask("audit.list", { identity: program, query: { limti: "5" } });
  expect(unknown.answer).toMatchObject({ code: "invalid_input", details: { field: "limti" } });
});

test("what HTTP itself forbids has HTTP's status", async () => {
  expect((await ask("nobody.home", { identity: program })).status).toBe(404);
  expect((await ask("constructor", { identity: program })).status).toBe(404);
  expect((await ask("loop.live", { identity: program })).status).toBe(404);
  const got = await ask("token.create", { identity: program });
  expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
  const form = await ask("token.create", { identity: program, method: "POST", type: "text/plain", text: "{}" });
  expect([form.status, form.answer.code]).toEqual([415, "unsupported_media_type"]);
  const large = await ask("token.create", { identity: program, method: "POST", text: `"${"x".repeat(9e6)}"` });
  expect(large.status).toBe(413);
  expect(got.headers.get("x-request-id")).toBeTruthy();
});
