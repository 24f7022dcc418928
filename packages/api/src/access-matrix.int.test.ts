/**
 * The access matrix: every procedure there is, called by nobody, by people and programs that may not, by people of elsewhere,
 * for somebody else's things, and with garbage. A procedure that is new fails here until it is in `testing/access-inputs.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { ROLE_PERMISSIONS } from "@ballast/core";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { scopeOfUser } from "@ballast/governance/server";
import type { ProcedureMeta } from "@ballast/governance/trpc";
import { openPluginHost } from "@ballast/marketplace/server";
import { buildTreeEnsembleModel } from "@ballast/onnx";
import { type AnyProcedure, callTRPCProcedure, TRPCError } from "@trpc/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAppRouter, handleTrpc, type Identity } from "./index.ts";
import { TEST_INSTALLATION } from "./testing/access-governance.ts";
import { allBut, CASES } from "./testing/access-inputs.ts";
import {
  contextOf,
  fillWorld,
  GHOST,
  newAdmin,
  newMember,
  newProgram,
  newViewer,
  type Place,
  type World,
} from "./testing/access-world.ts";
import { BROKEN_ENVELOPES, spoiled } from "./testing/garbage.ts";

type Input = Record<string, unknown>;
type Code = TRPCError["code"] | "OK";
interface Answer {
  code: Code;
  message: string;
  data: unknown;
}

/** Open to everybody, and to every person whatever their role. Anything else needs a permission. */
const PUBLIC = ["account.signUp"];
const FOR_PEOPLE = ["account.teams", "link.find"];

const folder = mkdtempSync(join(tmpdir(), "ballast-access-"));
const plugins = await openPluginHost({ folders: [join(import.meta.dirname, "..", "..", "..", "plugins")] });
const artifacts = new ArtifactStore(folder);
const router = createAppRouter({ artifacts, plugins, installation: () => TEST_INSTALLATION });
const procedures = router._def.procedures as unknown as Record<string, AnyProcedure>;
const PATHS = Object.keys(procedures);
const accessOf = (path: string) => (procedures[path]?._def.meta as ProcedureMeta | undefined)?.access;
const PROTECTED = PATHS.filter((path) => ![...PUBLIC, ...FOR_PEOPLE].includes(path));
const counts = { calls: 0, refused: 0, foreign: 0, garbage: 0, envelopes: 0 };

let t: TestDatabase;
let place: Place;
let own: World;
/** Somebody else's team, and another project of our own team: Row Level Security does not keep the second apart. */
let elsewhere: World;
let sibling: World;
let spoil: World;
let admin: Identity;
let viewer: Identity;
let outsider: Identity;

beforeAll(async () => {
  t = await testDatabase();
  const onnx = await artifacts.put(
    buildTreeEnsembleModel({ task: "binary", featureNames: ["hour"], baseValue: 0, trees: [] }),
  );
  place = { t, router, onnx: onnx.digest };
  const [a, b] = [await newAdmin(place, "owner"), await newAdmin(place, "outsider")];
  admin = { kind: "user", account: a.account };
  outsider = { kind: "user", account: b.account };
  own = await fillWorld(place, a.account, a, "own");
  elsewhere = await fillWorld(place, b.account, b, "elsewhere");
  const more = async (name: string) => {
    const { data } = await call("account.createProject", { team: a.team, project: a.project, name }, admin);
    return fillWorld(place, a.account, { team: a.team, project: (data as { slug: string }).slug }, name);
  };
  sibling = await more("sibling");
  spoil = await more("garbage");
  viewer = { kind: "user", account: await newViewer(place, await scopeOf(own)) };
});
afterAll(async () => {
  process.stdout.write(
    `access matrix: ${PATHS.length} procedures (${PUBLIC.length} public, ${FOR_PEOPLE.length} for people, ${PROTECTED.length} by permission), ${counts.calls} calls: ${counts.refused} refusals, ${counts.foreign} foreign objects, ${counts.garbage} garbage inputs, ${counts.envelopes} broken envelopes\n`,
  );
  await t?.close();
  rmSync(folder, { recursive: true, force: true });
});

function scopeOf(world: World) {
  if (admin?.kind !== "user") throw new Error("unreachable: the admin is a person");
  return scopeOfUser(t.db, admin.account, world.team, world.project);
}

/** Calls a procedure as the server does; of a stream, its first answer. */
async function call(path: string, input: unknown, identity: Identity): Promise<Answer> {
  const type = procedures[path]?._def.type ?? "query";
  const stop = new AbortController();
  const ctx = contextOf(place, identity);
  counts.calls += 1;
  try {
    const request = { router, path, getRawInput: async () => input, ctx, type, signal: stop.signal, batchIndex: 0 };
    const answer: unknown = await callTRPCProcedure(request);
    const data = type === "subscription" ? await firstOf(answer as AsyncIterable<unknown>) : answer;
    return { code: "OK", message: "", data };
  } catch (error) {
    if (!(error instanceof TRPCError)) return { code: "INTERNAL_SERVER_ERROR", message: String(error), data: null };
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
    const message = error.code === "INTERNAL_SERVER_ERROR" ? `${error.message}${cause}` : error.message;
    return { code: error.code, message, data: null };
  } finally {
    stop.abort();
  }
}

async function firstOf(stream: AsyncIterable<unknown>): Promise<unknown> {
  for await (const value of stream) return value;
  return null;
}

const where = ({ team, project }: World) => ({ team, project });
const inputOf = (path: string, world: World): Input => CASES[path]?.input?.(world) ?? {};
async function expectRefused(path: string, input: Input, identity: Identity, code: Code): Promise<Answer> {
  const answer = await call(path, input, identity);
  counts.refused += 1;
  expect(answer.code, `${path} ${JSON.stringify(input)}: ${answer.message}`).toBe(code);
  return answer;
}

test("every procedure is in the table, says what it needs, and no case is left of one that went", () => {
  const missing = PATHS.filter((path) => !(path in CASES));
  expect(missing, "add me to packages/api/src/testing/access-inputs.ts").toEqual([]);
  expect(Object.keys(CASES).filter((path) => !PATHS.includes(path))).toEqual([]);
  expect(PATHS.filter((path) => accessOf(path) === undefined)).toEqual([]);
  expect(PATHS.filter((path) => accessOf(path) === "public")).toEqual(PUBLIC);
  expect(PATHS.filter((path) => accessOf(path) === "user")).toEqual(FOR_PEOPLE);
});

test("who may only look can change nothing", () => {
  const mutations = PROTECTED.filter((path) => procedures[path]?._def.type === "mutation");
  const open = mutations.filter((path) => ROLE_PERMISSIONS.viewer.some((permission) => permission === accessOf(path)));
  expect(mutations.length).toBeGreaterThan(20);
  expect(open).toEqual([]);
});

test("an approver decides what others made and builds nothing; an engineer builds and does not approve", async () => {
  const scope = await scopeOf(own);
  const mutations = PROTECTED.filter((path) => procedures[path]?._def.type === "mutation");
  const open = async (role: "approver" | "engineer") => {
    const identity: Identity = { kind: "user", account: await newMember(place, scope, role) };
    const allowed: string[] = [];
    // Input that cannot be right: who may not call is refused before it is looked at, who may changes nothing.
    for (const path of mutations) {
      const { code } = await call(path, { ...where(own), garbage: "\u0000" }, identity);
      if (code !== "FORBIDDEN") allowed.push(path);
    }
    return allowed;
  };
  expect((await open("approver")).sort()).toEqual([
    ...["model.decideApproval", "model.withdrawApproval", "monitoring.acceptConversion", "monitoring.dismissIncident"],
    ...["monitoring.withdrawConversion", "rollout.decide"],
  ]);
  const engineer = await open("engineer");
  const kept = ["team.manage", "budget.write", "model.approve", "governance.write", "trash.purge"];
  expect(mutations.filter((path) => !engineer.includes(path)).sort()).toEqual(
    mutations.filter((path) => kept.includes(String(accessOf(path)))).sort(),
  );
  expect(engineer).toContain("model.requestApproval");
});

test("what is for people is refused to nobody and to programs, and knows the things of their teams alone", async () => {
  const program = await newProgram(place, await scopeOf(own), allBut(""));
  for (const path of FOR_PEOPLE) {
    const input = inputOf(path, own);
    await expectRefused(path, input, null, "UNAUTHORIZED");
    await expectRefused(path, input, program, "UNAUTHORIZED");
    expect((await call(path, input, viewer)).code).toBe("OK");
    const ghosts = CASES[path]?.foreign?.(GHOST, own) ?? [];
    for (const [i, theirs] of (CASES[path]?.foreign?.(elsewhere, own) ?? []).entries()) {
      counts.foreign += 1;
      const answer = await expectRefused(path, theirs, viewer, "NOT_FOUND");
      const ghost = await expectRefused(path, ghosts[i] ?? {}, viewer, "NOT_FOUND");
      expect(named(answer.message, elsewhere)).toBe(named(ghost.message, GHOST));
    }
  }
});

test.each(PROTECTED)(
  "%s: nobody, too small a role or token, people of elsewhere; right or wrong input",
  async (path) => {
    const permission = accessOf(path);
    if (!permission || permission === "public" || permission === "user") throw new Error(`${path} is not protected`);
    const scope = await scopeOf(own);
    const lacking = await newProgram(place, scope, allBut(permission));
    const stranger = await newProgram(place, await scopeOf(sibling), allBut(""));
    const unspecific = new Set<string>();
    for (const input of [inputOf(path, own), {}, { garbage: "\u0000" }]) {
      const here = { ...input, ...where(own) };
      await expectRefused(path, here, null, "UNAUTHORIZED");
      await expectRefused(path, input, null, "UNAUTHORIZED");
      await expectRefused(path, here, lacking, "FORBIDDEN");
      if (!ROLE_PERMISSIONS.viewer.includes(permission)) await expectRefused(path, here, viewer, "FORBIDDEN");
      unspecific.add((await expectRefused(path, here, outsider, "NOT_FOUND")).message);
      unspecific.add((await expectRefused(path, here, stranger, "NOT_FOUND")).message);
      const nowhere = await expectRefused(path, { ...input, team: own.team, project: "nope" }, admin, "NOT_FOUND");
      unspecific.add(nowhere.message.replace("nope", own.project));
    }
    // A project that is somebody else's reads like one that is not there.
    expect([...unspecific]).toEqual([`Project "${own.team}/${own.project}" does not exist.`]);
  },
);

test.each(PROTECTED)(
  "%s: the named permission is enough, and no other project's thing is in the answer",
  async (path) => {
    const permission = accessOf(path);
    if (!permission || permission === "public" || permission === "user") throw new Error(`${path} is not protected`);
    const enough: Identity[] = [await newProgram(place, await scopeOf(own), [permission]), admin];
    if (ROLE_PERMISSIONS.viewer.includes(permission)) enough.push(viewer);
    for (const identity of enough) {
      for (const input of [inputOf(path, own), ...(procedures[path]?._def.type === "query" ? [{}] : [])]) {
        const answer = await call(path, { ...input, ...where(own) }, identity);
        const answers: Code[] = CASES[path]?.answers ?? ["OK"];
        const allowed: Code[] = Object.keys(input).length === 0 ? [...answers, "BAD_REQUEST"] : answers;
        expect(allowed, `${path}: ${answer.message}`).toContain(answer.code);
        const text = JSON.stringify(answer.data) ?? "";
        for (const other of [elsewhere, sibling]) for (const id of idsOf(other)) expect(text).not.toContain(id);
      }
    }
  },
);

const idsOf = (world: World) => Object.values(world).filter((value) => /^[a-z]+_[0-9a-z]{19}$/.test(value));

test.each(PROTECTED)("%s: another project's things are as unknown as those nobody made", async (path) => {
  const { foreign, filtered } = CASES[path] ?? {};
  const asked = async (input: Input) => call(path, { ...input, ...where(own) }, admin);
  for (const theirs of [elsewhere, sibling]) {
    const ghosts = foreign?.(GHOST, own) ?? [];
    for (const [i, input] of (foreign?.(theirs, own) ?? []).entries()) {
      counts.foreign += 1;
      const [answer, ghost] = [await asked(input), await asked(ghosts[i] ?? {})];
      expect(answer.code, `${path} ${JSON.stringify(input)}: ${answer.message}`).toBe("NOT_FOUND");
      expect(named(answer.message, theirs)).toBe(named(ghost.message, GHOST));
    }
    for (const [i, input] of (filtered?.(theirs) ?? []).entries()) {
      counts.foreign += 1;
      const [answer, ghost] = [await asked(input), await asked(filtered?.(GHOST)[i] ?? {})];
      expect(answer).toEqual(ghost);
      expect(answer.code).toBe("OK");
    }
  }
});

/** A message with a world's names replaced by what they name, so that messages of two worlds can be compared. */
function named(message: string, world: World): string {
  const names = Object.entries(world).sort(([, a], [, b]) => b.length - a.length);
  return names.reduce(
    (text, [name, value]) => text.replaceAll(`"${value}"`, `<${name}>`).replaceAll(`=${value} `, `=<${name}> `),
    message,
  );
}

test.each(PATHS)("%s: garbage is refused or taken, and never an error of the server", async (path) => {
  const place = accessOf(path) === "public" ? {} : where(spoil);
  const failed: string[] = [];
  const inputs = [...spoiled(inputOf(path, spoil))].map((input) => ({ ...input, ...place }));
  for (const input of [...inputs, null, undefined, 7, "text", [], ...spoiled({ team: "x", project: "y" })]) {
    counts.garbage += 1;
    const answer = await call(path, input, admin);
    if (answer.code === "INTERNAL_SERVER_ERROR") failed.push(`${show(input)} → ${answer.message.slice(0, 300)}`);
  }
  expect(failed).toEqual([]);
});

const show = (value: unknown) =>
  JSON.stringify(value, (_, v) => (typeof v === "bigint" ? `${v}n` : typeof v === "string" ? v.slice(0, 60) : v));

test("over HTTP a body that is too large is refused, whether or not it says how large it is", async () => {
  let given = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024).fill(32)),
    cancel: () => {
      given += 1;
    },
  });
  const told = { "content-type": "application/json", "content-length": String(1e12) };
  const post = { method: "POST", headers: { "content-type": "application/json" } };
  const url = "http://localhost/api/trpc/account.signUp";
  const requests = [
    new Request(url, { ...post, headers: told, body: "{}" }),
    new Request(url, { ...post, body: endless, duplex: "half" } as RequestInit),
  ];
  for (const req of requests) {
    const response = await handleTrpc(req, "/api/trpc", router, async () => contextOf(place, null));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { json: { data: { code: "PAYLOAD_TOO_LARGE" } } } });
  }
  expect(given).toBe(1);
});

test("over HTTP a broken envelope is the caller's error, for every procedure, and shows nothing of the house", async () => {
  const identities: Identity[] = [null, admin];
  for (const path of PATHS) {
    const type = procedures[path]?._def.type;
    for (const text of BROKEN_ENVELOPES) {
      const identity = identities[counts.envelopes % identities.length] ?? null;
      counts.envelopes += 1;
      const url = `http://localhost/api/trpc/${path}`;
      const req =
        type === "mutation"
          ? new Request(url, { method: "POST", body: text, headers: { "content-type": "application/json" } })
          : new Request(`${url}?input=${encodeURIComponent(text)}`);
      const createContext = async () => contextOf(place, identity);
      const response = await handleTrpc(req, "/api/trpc", router, createContext);
      const body = await response.text();
      if (response.status === 200 && /^account\.teams|^loop\.live/.test(path)) continue;
      expect(response.status, `${path} ${text.slice(0, 80)}: ${body}`).toBeGreaterThanOrEqual(400);
      expect(response.status, `${path} ${text.slice(0, 80)}: ${body}`).toBeLessThan(500);
      expect(body).not.toMatch(/node_modules|\.ts:\d+/);
    }
  }
});
