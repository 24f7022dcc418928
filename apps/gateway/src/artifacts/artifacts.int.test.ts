import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { newId } from "@ballast/core";
import { artifactEntries, artifactObjects, experiments, runs, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RunningGateway, startGateway } from "../start-gateway.ts";
import { GatewayClient } from "../testing/gateway-client.ts";
import { TestProject } from "../testing/test-project.ts";

let t: TestDatabase;
let mine: TestProject;
let theirs: TestProject;
let gateway: RunningGateway;
let client: GatewayClient;
let stranger: GatewayClient;
let token = "";
let store: ArtifactStore;
const MAX = 30 * 1024 * 1024;
beforeAll(async () => {
  t = await testDatabase();
  mine = await TestProject.create(t);
  theirs = await TestProject.create(t, mine.home);
  gateway = await startGateway({ home: mine.home, database: t.db, secret: "44".repeat(32), maxUploadBytes: MAX });
  token = (await mine.token()).token;
  client = new GatewayClient(gateway.port, token);
  stranger = new GatewayClient(gateway.port, (await theirs.token()).token);
  store = new ArtifactStore(join(mine.home, "artifacts"));
});
afterAll(async () => {
  await gateway?.close();
  await t?.close();
  mine?.remove();
});

async function newRun(project = mine): Promise<{ run: string; root: string }> {
  const [run, experimentId] = [newId("run"), newId("experiment")];
  await withTenant(t.db, project.scope.teamId, async (tx) => {
    await tx.insert(experiments).values({ ...project.tenant, id: experimentId, name: run });
    const rest = { name: "r", state: "running" as const, params: {}, tags: {}, inputs: [], outputs: [] };
    await tx
      .insert(runs)
      .values({ ...project.tenant, id: run, experimentId, ...rest, codeVersion: "", createdBy: "t" });
  });
  return { run, root: `/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${run}/artifacts` };
}
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const url = (path: string) => `http://127.0.0.1:${gateway.port}${path}`;
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(url(path), { headers: { authorization: `Bearer ${token}`, ...headers } });
const entries = (run: string) =>
  withTenant(t.db, mine.scope.teamId, (tx) =>
    tx
      .select()
      .from(artifactEntries)
      .where(and(eq(artifactEntries.teamId, mine.scope.teamId), eq(artifactEntries.ownerId, run))),
  );

test("a file goes up, is listed, and comes down with its checksum, whole or in part", async () => {
  const { root } = await newRun();
  const bytes = randomBytes(6 * 1024 * 1024);
  const put = await client.call("PUT", `${root}/model/weights.bin`, bytes);
  expect([put.status, put.text, put.headers.get("etag")]).toEqual([200, "{}", `"${sha256(bytes)}"`]);
  const folder = root.slice("/api/2.0/mlflow-artifacts/artifacts/".length);
  const listed = await client.call("GET", `/api/2.0/mlflow-artifacts/artifacts?path=${folder}/model`);
  expect(listed.body).toEqual({ files: [{ path: "weights.bin", is_dir: false, file_size: bytes.length }] });
  const whole = await get(`${root}/model/weights.bin`);
  expect(whole.headers.get("content-length")).toBe(String(bytes.length));
  expect(sha256(Buffer.from(await whole.arrayBuffer()))).toBe(sha256(bytes));
  const part = await get(`${root}/model/weights.bin`, { range: "bytes=5000000-5000099" });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 5000000-5000099/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(5_000_000, 5_000_100));
  const tail = await get(`${root}/model/weights.bin`, { range: "bytes=-7" });
  expect(Buffer.from(await tail.arrayBuffer())).toEqual(bytes.subarray(-7));
  expect((await get(`${root}/model/weights.bin`, { range: `bytes=${bytes.length}-` })).status).toBe(416);
  expect((await get(`${root}/model/weights.bin`, { "if-none-match": `"${sha256(bytes)}"` })).status).toBe(304);
  const none = await client.call("GET", `${root}/model/none.bin`);
  expect([none.status, none.body.error_code]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
});

test("an empty file, and names that need encoding", async () => {
  const { run, root } = await newRun();
  for (const name of ["empty", "a b", "100%", "ü/é.txt", "plus+and&"]) {
    const path = name.split("/").map(encodeURIComponent).join("/");
    expect((await client.call("PUT", `${root}/${path}`, new Uint8Array(name === "empty" ? 0 : 3))).status).toBe(200);
    const answer = await get(`${root}/${path}`);
    expect((await answer.arrayBuffer()).byteLength).toBe(name === "empty" ? 0 : 3);
  }
  expect((await entries(run)).map((entry) => entry.path).sort()).toEqual([
    "100%",
    "a b",
    "empty",
    "plus+and&",
    "ü/é.txt",
  ]);
});

/** Sends a path as it is: `fetch` would tidy it up. */
function raw(method: string, path: string, body = "x"): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": Buffer.byteLength(body) };
    const sent = httpRequest({ host: "127.0.0.1", port: gateway.port, method, path, headers }, (response) => {
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.once("error", reject).end(body);
  });
}

test("no path reaches beyond its run", async () => {
  const { run, root } = await newRun();
  const evil = [
    "../x",
    "a/../../x",
    "%2e%2e/x",
    "%252e%252e%252fx",
    "a%5c..%5cx",
    "%2fetc%2fpasswd",
    "C:%2fx",
    "a%00b",
    "a//b",
    "..%2f..%2fx",
  ];
  for (const path of evil) {
    for (const method of ["PUT", "GET", "DELETE"]) {
      const { status, text } = await raw(method, `${root}/${path}`);
      expect([400, 404], `${method} ${path} ${text}`).toContain(status);
      expect(JSON.parse(text)).toMatchObject({ error_code: expect.any(String), message: expect.any(String) });
    }
  }
  expect([400, 404]).toContain((await raw("DELETE", root)).status);
  expect(await entries(run)).toEqual([]);
});

test("a half-sent upload leaves nothing, and the gateway goes on", async () => {
  const { run, root } = await newRun();
  await new Promise<void>((resolve) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": 1_000_000 };
    const sent = httpRequest({ host: "127.0.0.1", port: gateway.port, method: "PUT", path: `${root}/half`, headers });
    sent.on("error", () => resolve());
    sent.write(randomBytes(300_000), () => sent.destroy());
    sent.on("close", () => resolve());
  });
  await expect.poll(() => readdirSync(join(mine.home, "artifacts", "incoming"))).toEqual([]);
  expect(await entries(run)).toEqual([]);
  expect((await client.call("PUT", `${root}/half`, "whole")).status).toBe(200);
});

test("too large, no room, and harmful are said in MLflow's words, and store nothing", async () => {
  const { run, root } = await newRun();
  const large = await client.call("PUT", `${root}/large`, new Uint8Array(MAX + 1));
  expect([large.status, large.body.error_code]).toEqual([413, "INVALID_PARAMETER_VALUE"]);
  const pickle = readFileSync(
    join(import.meta.dirname, "../../../../packages/artifacts/src/scan/fixtures/refused/model.pt"),
  );
  const harmful = await client.call("PUT", `${root}/model.pt`, pickle);
  expect([harmful.status, harmful.body.error_code]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect(harmful.body.message).toContain("posix.system");
  expect(await entries(run)).toEqual([]);
  expect(await store.has(sha256(pickle))).toBe(false);
});

test("other projects' files are as unknown as those nobody made", async () => {
  const { root } = await newRun();
  await client.call("PUT", `${root}/secret`, "x");
  for (const [method, path] of [
    ["GET", `${root}/secret`],
    ["PUT", `${root}/more`],
    ["DELETE", `${root}/secret`],
  ] as const) {
    const answer = await stranger.call(method, path, method === "PUT" ? "x" : undefined);
    expect([answer.status, answer.body.error_code]).toEqual([404, "RESOURCE_DOES_NOT_EXIST"]);
  }
  expect((await get(`${root}/secret`)).status).toBe(200);
});

test("a damaged file breaks the connection before its end", async () => {
  const { root } = await newRun();
  const bytes = randomBytes(3 * 1024 * 1024);
  await client.call("PUT", `${root}/x`, bytes);
  const file = await open(store.path(sha256(bytes)), "r+");
  await file.write(Buffer.from([(bytes[100] as number) ^ 1]), 0, 1, 100);
  await file.close();
  const answer = await get(`${root}/x`);
  await expect(answer.arrayBuffer()).rejects.toThrow();
});

test("multipart: signed part addresses, parts in any order, one file", async () => {
  const { run, root } = await newRun();
  const bytes = randomBytes(5 * 1024 * 1024 + 17);
  const size = 2 * 1024 * 1024;
  const mpu = (what: string) => root.replace("/artifacts/", `/mpu/${what}/`);
  const created = await client.post(`${mpu("create")}/sub`, { path: "/home/me/big.bin", num_parts: 3 });
  const { upload_id, credentials } = created.body as {
    upload_id: string;
    credentials: { url: string; part_number: number; headers: Record<string, string> }[];
  };
  expect(credentials.map((one) => one.part_number)).toEqual([1, 2, 3]);
  const parts = [];
  for (const { url: address, part_number, headers } of credentials.toReversed()) {
    const body = bytes.subarray((part_number - 1) * size, part_number * size);
    const put = await fetch(address, { method: "PUT", body, headers });
    expect(put.status).toBe(200);
    parts.push({ part_number, etag: put.headers.get("etag"), url: address });
  }
  const first = credentials[0]?.url ?? "";
  for (const changed of [first.replace(/\/1\?/, "/2?"), first.replace(/expires=\d/, "expires=9"), first.slice(0, -4)]) {
    expect((await fetch(changed, { method: "PUT", body: "x" })).status).toBe(401);
  }
  const gap = await client.post(mpu("complete"), { path: "big.bin", upload_id, parts: [{ part_number: 4 }] });
  expect([gap.status, gap.body.error_code]).toEqual([400, "INVALID_PARAMETER_VALUE"]);
  expect((await stranger.post(mpu("complete"), { path: "x", upload_id, parts })).status).toBe(404);
  for (let i = 0; i < 2; i++) {
    const completed = await client.post(mpu("complete"), { path: "big.bin", upload_id, parts });
    expect([completed.status, completed.text]).toEqual([200, "{}"]);
  }
  const [entry] = await entries(run);
  expect(entry).toMatchObject({ path: "sub/big.bin", digest: sha256(bytes), sizeBytes: bytes.length });
  const again = await client.post(mpu("create"), { path: "other", num_parts: 1 });
  const left = again.body.upload_id as string;
  await fetch((again.body.credentials as { url: string }[])[0]?.url ?? "", { method: "PUT", body: "x" });
  expect(readdirSync(join(mine.home, "artifacts", "uploads"))).toEqual([left]);
  expect((await client.post(mpu("abort"), { path: "other", upload_id: left })).status).toBe(200);
  expect(readdirSync(join(mine.home, "artifacts", "uploads"))).toEqual([]);
});

test("a resumable upload goes on where the connection broke", async () => {
  const { run } = await newRun();
  const bytes = randomBytes(3 * 1024 * 1024);
  const begun = await client.post("/v1/uploads", { owner: run, path: "big.bin", size: bytes.length });
  const path = `/v1/uploads/${begun.body.id}`;
  await new Promise<void>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-length": bytes.length, "upload-offset": 0 };
    const sent = httpRequest({ host: "127.0.0.1", port: gateway.port, method: "PUT", path, headers });
    sent.on("error", () => resolve());
    sent.on("close", () => resolve());
    sent.write(bytes.subarray(0, 1_000_000));
    // Cut once some of it has arrived.
    const incoming = join(mine.home, "artifacts", "incoming");
    expect
      .poll(() => readdirSync(incoming).some((name) => statSync(join(incoming, name)).size > 0))
      .toBe(true)
      .then(() => sent.destroy(), reject);
  });
  const offset = async () => {
    const answer = await fetch(url(path), { method: "HEAD", headers: { authorization: `Bearer ${token}` } });
    return Number(answer.headers.get("upload-offset"));
  };
  await expect.poll(offset).toBeGreaterThan(0);
  const at = await offset();
  expect(at).toBeLessThanOrEqual(1_000_000);
  const wrong = await client.call("PUT", path, bytes.subarray(at), { "upload-offset": "1" });
  expect([wrong.status, wrong.body.details]).toMatchObject([409, { offset: at }]);
  const more = { "content-range": `bytes ${at}-${bytes.length - 1}/${bytes.length}` };
  expect((await client.call("PUT", path, bytes.subarray(at), more)).body).toEqual({ offset: bytes.length });
  expect((await stranger.post(`${path}/complete`, {})).status).toBe(404);
  const other = await client.post(`${path}/complete`, { sha256: "0".repeat(64) });
  expect(other.status).toBe(422);
  for (let i = 0; i < 2; i++) {
    const done = await client.post(`${path}/complete`, { sha256: sha256(bytes) });
    expect(done.body).toEqual({ path: "big.bin", sha256: sha256(bytes), size: bytes.length });
  }
  expect(await entries(run)).toMatchObject([{ path: "big.bin", digest: sha256(bytes) }]);
  const short = await client.post("/v1/uploads", { owner: run, path: "s", size: 10 });
  await client.call("PUT", `/v1/uploads/${short.body.id}`, "12345", { "upload-offset": "0" });
  expect((await client.post(`/v1/uploads/${short.body.id}/complete`, {})).status).toBe(400);
  expect((await client.call("DELETE", `/v1/uploads/${short.body.id}`)).status).toBe(200);
  expect((await client.call("GET", `/v1/uploads/${short.body.id}`)).status).toBe(404);
});

test("what is uploaded alone belongs to the team that uploaded it", async () => {
  const answer = await client.call("PUT", "/v1/artifacts", "model bytes");
  const digest = sha256(Buffer.from("model bytes"));
  expect(answer.body).toEqual({ digest, size: 11 });
  const owners = await t.owner.drizzle.select().from(artifactObjects).where(eq(artifactObjects.digest, digest));
  expect(owners.map((row) => row.teamId)).toEqual([mine.scope.teamId]);
  const harmful = await client.call("PUT", "/v1/artifacts", "cos\nsystem\n(S'true'\ntR.");
  expect([harmful.status, harmful.body.code]).toEqual([400, "invalid_input"]);
});
