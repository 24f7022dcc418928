import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ArtifactStore } from "@ballast/artifacts";
import { type Actor, newId, type Role, type Scope } from "@ballast/core";
import { apiTokens, type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { aliasHistory } from "./aliases.ts";
import { missingApproval, removeApprovalRule, setApprovalRule } from "./approval-rules.ts";
import { cancelApproval, decideApproval, requestApproval, withdrawApproval } from "./approvals.ts";
import { listApprovals } from "./list-approvals.ts";
import { trashModelVersion } from "./model-versions.ts";
import { createModelVersion } from "./register-source.ts";
import {
  createRegisteredModel,
  getRegisteredModel,
  renameRegisteredModel,
  trashRegisteredModel,
} from "./registered-models.ts";
import { deleteAlias, setAlias } from "./set-alias.ts";

let t: TestDatabase;
let folder: string;
let artifacts: ArtifactStore;
beforeAll(async () => {
  t = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "ballast-approvals-"));
  artifacts = new ArtifactStore(folder);
});
afterAll(async () => {
  await t.close();
  rmSync(folder, { recursive: true, force: true });
});

const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
const as = (scope: Scope, name: string, role: Role = "engineer"): Scope => ({
  ...scope,
  actor: { type: "user", id: `usr_${name}`, name, role },
});

/** A model whose alias `prod` needs so many approvals, with two versions that Erin registered. */
async function guarded(approvals = 1) {
  const scope = await t.newScope();
  const erin = as(scope, "Erin");
  const { model } = await inTenant(scope, (tx) => createRegisteredModel(tx, erin, { name: "delay" }));
  const version = async () =>
    (await createModelVersion({ db: t.db, artifacts }, erin, { name: "delay", source: "s3://b/m" })).version;
  const [first, second] = [await version(), await version()];
  await inTenant(scope, (tx) => setApprovalRule(tx, scope, { modelId: model.id, alias: "prod", approvals }));
  const move = (by: Scope, versionId = first.id) =>
    inTenant(scope, (tx) => setAlias(tx, by, { version: { id: versionId }, alias: "prod", reason: "it is better" }));
  const ask = async (by: Scope, versionId = first.id) => {
    const outcome = await move(by, versionId);
    if (outcome.moved) throw new Error("it moved");
    return outcome.approval.id;
  };
  const decide = (by: Scope, approvalId: string, approved = true, reason?: string) =>
    inTenant(scope, (tx) => decideApproval(tx, by, { approvalId, approved, reason }));
  const aliases = () =>
    inTenant(scope, (tx) => getRegisteredModel(tx, scope, { name: "delay" })).then((found) =>
      found.aliases.map(({ alias, version: number }) => `${alias} ${number}`),
    );
  return { scope, erin, model, first, second, move, ask, decide, aliases };
}

test("a guarded alias moves when somebody else approves, in the same transaction, and history says on what", async () => {
  const { scope, erin, model, first, second, move, ask, decide, aliases } = await guarded();
  const approvalId = await ask(erin);
  expect(await aliases()).toEqual([]);
  expect(await ask(as(scope, "Eve")), "one request at a time").toBe(approvalId);
  await expect(decide(erin, approvalId)).rejects.toMatchObject({ code: "forbidden" });
  expect(await decide(as(scope, "Abe", "approver"), approvalId)).toMatchObject({ state: "approved" });
  expect(await aliases()).toEqual(["prod 1"]);
  await decide(as(scope, "Abe", "approver"), await ask(erin, second.id));
  expect(await aliases()).toEqual(["prod 2"]);
  // The first version stays approved: going back needs nobody.
  expect(await move(erin)).toEqual({ moved: true });
  const { moves } = await inTenant(scope, (tx) => aliasHistory(tx, scope, { modelId: model.id, limit: 10 }));
  expect(moves).toMatchObject([
    { alias: "prod", from: 2, to: 1, movedBy: "Erin", approvalId },
    { alias: "prod", from: 1, to: 2, movedBy: "Abe" },
    { alias: "prod", from: null, to: 1, movedBy: "Abe", approvalId },
  ]);
  await expect(
    inTenant(scope, (tx) => requestApproval(tx, erin, { versionId: first.id, alias: "prod" })),
  ).rejects.toMatchObject({ code: "conflict" });
});

test("neither the author nor the requester approves, not even through a token of theirs", async () => {
  const { scope, erin, ask, decide } = await guarded();
  const ann = as(scope, "Ann", "admin");
  const id = newId("apiToken");
  await inTenant(scope, (tx) =>
    tx.insert(apiTokens).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id, name: "ci", hash: id, prefix: "blst_" },
      ...{ permissions: ["model.approve" as const], createdBy: "Ann", createdByUser: "usr_Ann" },
    }),
  );
  const program: Actor = {
    type: "service_account",
    id: "svc_ci",
    name: "ci",
    permissions: ["model.write"],
    tokenId: id,
  };
  const asProgram = { ...scope, actor: program };
  const own = (await createModelVersion({ db: t.db, artifacts }, asProgram, { name: "delay", source: "s3://b/m" }))
    .version;
  expect(own.createdById).toBe("svc_ci");
  // What a service account wrote, the person who made its token may approve; what they asked for through it, not.
  await expect(decide(ann, await ask(asProgram, own.id))).rejects.toMatchObject({ code: "forbidden" });
  const token: Actor = { type: "token", id, name: "ci", permissions: ["model.write", "model.approve"] };
  const approvalId = await ask({ ...scope, actor: token });
  const forbidden = { code: "forbidden" };
  await expect(decide(ann, approvalId)).rejects.toMatchObject({
    ...forbidden,
    message: expect.stringContaining("asked for it"),
  });
  await expect(decide({ ...scope, actor: token }, approvalId)).rejects.toMatchObject(forbidden);
  await expect(decide(erin, approvalId)).rejects.toMatchObject({
    ...forbidden,
    message: expect.stringContaining("registered"),
  });
  const seen = (by: Scope) =>
    inTenant(scope, (tx) => listApprovals(tx, by, { state: "pending", limit: 5 })).then(
      (page) => page.approvals[0]?.own,
    );
  expect([await seen(ann), await seen(erin), await seen(as(scope, "Abe", "approver"))]).toEqual([true, true, false]);
});

test("two approvals mean two people, and what is decided stays so", async () => {
  const { scope, erin, ask, decide, aliases } = await guarded(2);
  const approvalId = await ask(erin);
  const [abe, amy] = [as(scope, "Abe", "approver"), as(scope, "Amy", "approver")];
  expect(await decide(abe, approvalId)).toMatchObject({ state: "pending" });
  await expect(decide(abe, approvalId)).rejects.toMatchObject({ code: "conflict" });
  expect(await aliases()).toEqual([]);
  expect(await decide(amy, approvalId)).toMatchObject({ state: "approved" });
  expect(await aliases()).toEqual(["prod 1"]);
  const both = await Promise.allSettled([decide(as(scope, "Ada", "admin"), approvalId), decide(abe, approvalId)]);
  expect(both.map((one) => one.status)).toEqual(["rejected", "rejected"]);
});

test("a rejection says why and ends it; so does taking it back", async () => {
  const { scope, erin, ask, decide, aliases } = await guarded();
  const abe = as(scope, "Abe", "approver");
  const approvalId = await ask(erin);
  await expect(decide(abe, approvalId, false, " ")).rejects.toMatchObject({
    code: "invalid_input",
    details: { field: "reason" },
  });
  expect(await decide(abe, approvalId, false, "worse at night")).toMatchObject({
    state: "rejected",
    decisions: [{ by: "Abe", reason: "worse at night" }],
  });
  await expect(decide(abe, approvalId)).rejects.toMatchObject({ code: "conflict" });
  const again = await ask(erin);
  expect(again).not.toBe(approvalId);
  await inTenant(scope, (tx) => cancelApproval(tx, erin, again));
  await expect(decide(abe, again)).rejects.toMatchObject({ code: "conflict" });
  expect(await aliases()).toEqual([]);
});

test("a withdrawn approval, or a stricter rule, asks again", async () => {
  const { scope, erin, model, first, second, move, ask, decide } = await guarded();
  const abe = as(scope, "Abe", "approver");
  const approvalId = await ask(erin);
  await decide(abe, approvalId);
  await decide(abe, await ask(erin, second.id));
  await inTenant(scope, (tx) => withdrawApproval(tx, abe, { approvalId, reason: "found a leak" }));
  expect(await move(erin)).toMatchObject({ moved: false });
  const lacks = (versionId: string) =>
    inTenant(scope, (tx) => missingApproval(tx, scope, { modelId: model.id, alias: "prod", versionId }));
  expect(await lacks(second.id)).toBeNull();
  await inTenant(scope, (tx) => setApprovalRule(tx, scope, { modelId: model.id, alias: "prod", approvals: 2 }));
  expect(await lacks(second.id)).toMatchObject({ approvals: 2 });
  await inTenant(scope, (tx) => removeApprovalRule(tx, scope, { modelId: model.id, alias: "prod" }));
  expect(await lacks(first.id)).toBeNull();
  expect(await move(erin)).toEqual({ moved: true });
});

test("what a rule guards is neither taken off nor put into the trash", async () => {
  const { scope, erin, first, ask, decide } = await guarded();
  await decide(as(scope, "Abe", "approver"), await ask(erin));
  const refused = { code: "precondition_failed", message: expect.stringContaining('"prod"') };
  await expect(inTenant(scope, (tx) => deleteAlias(tx, erin, { name: "delay", alias: "prod" }))).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(inTenant(scope, (tx) => trashModelVersion(tx, erin, { id: first.id }))).rejects.toMatchObject(refused);
  await expect(inTenant(scope, (tx) => trashRegisteredModel(tx, erin, { name: "delay" }))).rejects.toMatchObject(
    refused,
  );
});

test("a model with a rule keeps its name, unless somebody who may change rules takes it: nothing set is no loophole", async () => {
  const { scope, erin, model } = await guarded();
  const ann = as(scope, "Ann", "admin");
  const refused = {
    code: "precondition_failed",
    details: { alias: "prod" },
    message: expect.stringContaining('"prod"'),
  };
  const rename = (by: Scope) =>
    inTenant(scope, (tx) => renameRegisteredModel(tx, by, { name: "delay", newName: "delay-old" }));
  const trash = (by: Scope) => inTenant(scope, (tx) => trashRegisteredModel(tx, by, { id: model.id }));
  await expect(rename(erin)).rejects.toMatchObject(refused);
  await expect(trash(erin)).rejects.toMatchObject(refused);
  expect((await rename(ann)).model.name).toBe("delay-old");
  await trash(ann);
});

test("another project's requests and rules are nobody's", async () => {
  const [mine, theirs] = [await guarded(), await guarded()];
  const approvalId = await theirs.ask(theirs.erin);
  const missing = { code: "not_found" };
  await expect(mine.decide(as(mine.scope, "Abe", "approver"), approvalId)).rejects.toMatchObject(missing);
  await expect(inTenant(mine.scope, (tx) => cancelApproval(tx, mine.scope, approvalId))).rejects.toMatchObject(missing);
  const rule = { modelId: theirs.model.id, alias: "prod" };
  await expect(inTenant(mine.scope, (tx) => removeApprovalRule(tx, mine.scope, rule))).rejects.toMatchObject(missing);
  await expect(inTenant(mine.scope, (tx) => aliasHistory(tx, mine.scope, { ...rule, limit: 5 }))).rejects.toMatchObject(
    missing,
  );
  const sibling = { ...theirs.scope, projectId: mine.scope.projectId };
  await expect(inTenant(theirs.scope, (tx) => cancelApproval(tx, sibling, approvalId))).rejects.toMatchObject(missing);
});
