import type { Scope } from "@ballast/core";
import { type Tx, withTenant } from "@ballast/db";
import { type TestDatabase, testDatabase } from "@ballast/db/testing";
import { createExperiment, createLoggedModel, startRun, trashRun } from "@ballast/experiments/server";
import { type Account, createProject, scopeOfUser, signUp } from "@ballast/governance/server";
import { createCallerFactory } from "@ballast/governance/trpc";
import { createRegisteredModel } from "@ballast/registry/server";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linkRouter } from "./link-router.ts";

interface Person {
  account: Account;
  scope: Scope;
  place: { team: string; project: string };
}
let t: TestDatabase;
let me: Person;
let other: Person;
beforeAll(async () => {
  t = await testDatabase();
  [me, other] = [await person("me"), await person("other")];
});
afterAll(() => t.close());

async function person(name: string): Promise<Person> {
  const { account, scope, teamSlug, projectSlug } = await signUp(t.db, {
    ...{ name, email: `${name}@example.com`, password: "correct horse battery" },
    ...{ teamName: `Team ${name}`, projectName: "First" },
  });
  return { account, scope, place: { team: teamSlug, project: projectSlug } };
}
const inTenant = <T>(scope: Scope, fn: (tx: Tx) => Promise<T>) => withTenant(t.db, scope.teamId, fn);
type Kind = "experiment" | "run" | "logged_model" | "model";
async function find(who: Person, kind: Kind, id: string): Promise<string[]> {
  const identity = { kind: "user" as const, account: who.account };
  const api = createCallerFactory(linkRouter)({ db: t.db, identity, requestId: "test" });
  const { places } = await api.find({ kind, id });
  return places.map((one) => `${one.team.slug}/${one.project.slug} ${one.kind} ${one.id}`);
}

test("a run, an experiment and a logged model are found by id, in the trash too, by people of the team alone", async () => {
  const { scope, place } = me;
  const at = `${place.team}/${place.project}`;
  const { id: experimentId } = await inTenant(scope, (tx) => createExperiment(tx, scope, { name: "flights" }));
  const { id: runId } = await inTenant(scope, (tx) => startRun(tx, scope, { experimentId, name: "r" }));
  const make = (sourceRunId: string | null) =>
    inTenant(scope, (tx) => createLoggedModel(tx, scope, { experimentId, name: "m", sourceRunId }));
  const [ofRun, ofNone] = [await make(runId), await make(null)];
  await inTenant(scope, (tx) => trashRun(tx, scope, runId));
  expect(await find(me, "experiment", experimentId)).toEqual([`${at} experiment ${experimentId}`]);
  expect(await find(me, "run", runId)).toEqual([`${at} run ${runId}`]);
  expect(await find(me, "logged_model", ofRun.id)).toEqual([`${at} run ${runId}`]);
  expect(await find(me, "logged_model", ofNone.id)).toEqual([`${at} experiment ${experimentId}`]);
  for (const [kind, id] of [
    ["experiment", experimentId],
    ["run", runId],
    ["logged_model", ofRun.id],
  ] as const) {
    await expect(find(other, kind, id)).rejects.toMatchObject({ code: "NOT_FOUND" });
  }
  // A kind is not another.
  await expect(find(me, "experiment", runId)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("a model's name and the experiment 0 may be in several projects: all of one's own, none of others", async () => {
  const { scope, place } = me;
  const second = await inTenant(scope, (tx) => createProject(tx, scope, "Second"));
  const there = await scopeOfUser(t.db, me.account, place.team, second.slug);
  await expect(find(me, "experiment", "0")).rejects.toMatchObject({ code: "NOT_FOUND" });
  for (const where of [scope, there, other.scope]) {
    await inTenant(where, (tx) => createRegisteredModel(tx, where, { name: "late flights" }));
    await inTenant(where, (tx) => startRun(tx, where, { name: "in the default experiment" }));
  }
  const both = [`${place.team}/first`, `${place.team}/second`];
  expect(await find(me, "model", "late flights")).toEqual(both.map((at) => `${at} model late flights`));
  const defaults = await find(me, "experiment", "0");
  expect(defaults.map((line) => line.split(" ")[0])).toEqual(both);
  expect(await find(other, "model", "late flights")).toHaveLength(1);
  await expect(find(me, "model", "late")).rejects.toMatchObject({ code: "NOT_FOUND" });
});
