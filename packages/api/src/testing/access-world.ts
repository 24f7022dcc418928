/** What the access matrix walks: people, tokens, and a project with one of everything a procedure can name. */
import { newId, type Permission, type Role, type Scope } from "@ballast/core";
import { artifactObjects, incidents, memberships, teams, withTenant } from "@ballast/db";
import type { TestDatabase } from "@ballast/db/testing";
import { createLoggedModel } from "@ballast/experiments/server";
import { type Account, createToken, scopeOfUser, signUp, verifyToken } from "@ballast/governance/server";
import { eq } from "drizzle-orm";
import type { AppRouter } from "../index.ts";
import { type ApiContext, createCaller, type Identity } from "../index.ts";
import { AROUND, addAround } from "./access-governance.ts";
import { addApprovals, addShelf, SHELF } from "./access-shelf.ts";

/** Names and ids of one project's things. */
export type World = Record<(typeof NAMES)[number], string>;
const NAMES = [
  ...["team", "project", "dataset", "datasetId", "datasetVersion", "view", "deployment", "deploymentId", "model"],
  ...["modelId", "version", "secondVersion", "rollout", "experiment", "run", "loggedModel", "pipeline", "policy"],
  ...["job", "token"],
  ...["serviceAccount", "member", "invitation"],
  ...SHELF,
  ...AROUND,
  ...["incident", "openIncident", "conversion", "onnx"],
] as const;

/** A world of things nobody ever made. */
export const GHOST = Object.fromEntries(NAMES.map((name) => [name, `ghost_${name}`])) as World;

type Caller = ReturnType<ReturnType<typeof createCaller>>;
export interface Place {
  t: TestDatabase;
  router: AppRouter;
  /** Digest of an ONNX file in the store, with one input named `hour`. */
  onnx: string;
}

export const contextOf = (place: Place, identity: Identity): ApiContext => ({
  db: place.t.db,
  identity,
  requestId: "access-matrix",
});
const callerOf = (place: Place, account: Account): Caller =>
  createCaller(place.router)(contextOf(place, { kind: "user", account }));

/** A person with a team of their own and a project in it. */
export async function newAdmin(
  place: Place,
  name: string,
): Promise<{ account: Account; team: string; project: string }> {
  const made = await signUp(place.t.db, {
    ...{ name, email: `${name}@example.com`, password: "correct horse battery" },
    ...{ teamName: `Team ${name}`, projectName: `Project ${name}` },
  });
  return { account: made.account, team: made.teamSlug, project: made.projectSlug };
}

/** A file that every team in the matrix has uploaded, and that nothing refers to yet. */
const NEW_FILE = "c".repeat(64);

/** Says that a team has uploaded files. */
async function ownFiles(place: Place, teamSlug: string, digests: readonly string[]): Promise<void> {
  const [team] = await place.t.owner.drizzle.select().from(teams).where(eq(teams.slug, teamSlug));
  const rows = digests.map((digest) => ({ teamId: team?.id ?? "", digest, sizeBytes: 1 }));
  await place.t.owner.drizzle.insert(artifactObjects).values(rows).onConflictDoNothing();
}

/** A member of the scope's team. */
export async function newMember(place: Place, scope: Scope, role: Role): Promise<Account> {
  const { account } = await newAdmin(place, role);
  await withTenant(place.t.db, scope.teamId, (tx) =>
    tx.insert(memberships).values({ teamId: scope.teamId, userId: account.id, role }),
  );
  return account;
}

/** Somebody who may look at the scope's team and do nothing else. */
export const newViewer = (place: Place, scope: Scope) => newMember(place, scope, "viewer");

/** A program with exactly these permissions in the scope's project. */
export async function newProgram(place: Place, scope: Scope, permissions: readonly Permission[]): Promise<Identity> {
  const { token } = await withTenant(place.t.db, scope.teamId, (tx) =>
    createToken(tx, scope, { name: "matrix", permissions: [...permissions], expiresInDays: 1 }),
  );
  const verified = await verifyToken(place.t.db, token);
  if (!verified) throw new Error("a new token must verify");
  return { kind: "token", token: verified };
}

const HOUR_FEATURE = { name: "hour", expression: { op: "hour_of_day" as const, column: "departure" }, unit: null };

/** Trainer spec over a world's names. */
export function pipelineSpec(names: Pick<World, "model" | "deployment" | "dataset" | "view">) {
  return {
    ...{ modelName: names.model, deploymentName: names.deployment, dataset: names.dataset, source: names.dataset },
    ...{ task: "binary" as const, label: "late", rowTime: "departure", knownAt: "known_at", trainer: "gbdt" },
    features: [{ input: "hour", view: names.view, feature: "hour" }],
    ...{ params: { maxTrees: 5 }, validationShare: 0.1, testShare: 0.1 },
  };
}

export const viewDefinition = (name: string) => ({
  ...{ kind: "request" as const, name, description: "" },
  features: [HOUR_FEATURE],
});

/** A version of the world's model, as one asks to register it. */
export const versionInput = (names: Pick<World, "model" | "view" | "onnx">) => ({
  ...{ modelName: names.model, onnxDigest: names.onnx, metrics: { auc: 0.7 }, cause: "manual", description: "" },
  serving: {
    ...{ tensor: "features", output: "probability" },
    features: [{ input: "hour", view: names.view, feature: "hour" }],
  },
});

/** Fills a project with one of everything, through the API; only incidents, which nobody can ask for, are put there. */
export async function fillWorld(
  place: Place,
  account: Account,
  where: { team: string; project: string },
  key: string,
): Promise<World> {
  const api = callerOf(place, account);
  const names = {
    ...{ ...where, dataset: `flights_${key}`, view: `view_${key}`, deployment: `late-${key}`, model: `delay-${key}` },
    ...{ pipeline: `retrain-${key}`, policy: `calm-${key}`, onnx: place.onnx },
  };
  const version = { dataset: names.dataset, sourceDigest: key.charCodeAt(0).toString(16).padStart(64, "0") };
  await ownFiles(place, where.team, [version.sourceDigest, NEW_FILE, place.onnx]);
  const made = await api.dataset.createVersion({ ...where, version });
  await api.feature.define({ ...where, definition: viewDefinition(names.view) });
  const deployment = await api.deployment.create({
    ...where,
    deployment: { name: names.deployment, modelName: names.model },
  });
  const first = await api.model.register({ ...where, version: versionInput(names) });
  const second = await api.model.register({ ...where, version: versionInput(names) });
  const rollout = await api.rollout.request({ ...where, rollout: { deployment: deployment.id, versionId: first.id } });
  const run = await api.experiment.startRun({ ...where, experiment: "by hand", name: "try", codeVersion: "1" });
  await api.training.definePipeline({ ...where, pipeline: { name: names.pipeline, spec: pipelineSpec(names) } });
  await api.training.definePolicy({ ...where, policy: policyInput(names) });
  const job = await api.training.request({ ...where, training: trainingInput(names.pipeline) });
  const token = await api.token.create({ ...where, name: "ci", permissions: ["project.read"], expiresInDays: 1 });
  const program = { name: `program ${key}`, permissions: ["team.manage" as const] };
  const serviceAccount = await api.serviceAccount.create({ ...where, ...program });
  const people = await fillTeam(place, account, where, key);
  const scope = await scopeOfUser(place.t.db, account, where.team, where.project);
  const loggedModel = await withTenant(place.t.db, scope.teamId, (tx) =>
    createLoggedModel(tx, scope, { experimentId: run.experimentId, name: "logged", sourceRunId: run.id }),
  );
  const shelf = await fillShelf(place, account, where, scope, `shelf-${key}`);
  const incident = await insertIncident(place, scope, deployment.id);
  const conversion = await api.monitoring.acceptConversion({ ...where, incidentId: incident });
  return {
    ...names,
    ...{ datasetId: made.datasetId, datasetVersion: made.id, deploymentId: deployment.id, modelId: first.modelId },
    ...{ version: first.id, secondVersion: second.id, rollout: rollout.id, experiment: run.experimentId, run: run.id },
    ...{ loggedModel: loggedModel.id, job: job.id, token: token.id, incident, conversion: conversion.id },
    ...(await addAround(api, where)),
    ...{ ...people, ...shelf, serviceAccount: serviceAccount.id },
    openIncident: await insertIncident(place, scope, deployment.id),
  };
}

/** A model that nobody deployed, with a version from files and requests for approval that somebody else made. */
async function fillShelf(
  place: Place,
  account: Account,
  where: { team: string; project: string },
  scope: Scope,
  name: string,
) {
  const shelfModel = await withTenant(place.t.db, scope.teamId, (tx) => addShelf(tx, scope, name));
  const api = callerOf(place, account);
  const { version } = await api.model.registerFiles({ ...where, name, source: "s3://bucket/model" });
  const approvals = await withTenant(place.t.db, scope.teamId, (tx) => addApprovals(tx, scope, version.id));
  return { shelf: name, shelfModel, shelfVersion: version.id, ...approvals };
}

/** What a team has, not a project: its first project's world names it, the others' worlds name what nobody made. */
async function fillTeam(place: Place, account: Account, where: { team: string; project: string }, key: string) {
  const api = callerOf(place, account);
  const team = (await api.account.teams()).find(({ slug }) => slug === where.team);
  if (team?.projects.length !== 1) return { member: `nobody_${key}`, invitation: `nothing_${key}` };
  const guest = await newAdmin(place, `guest-${key}`);
  const { teamId } = await scopeOfUser(place.t.db, account, where.team, where.project);
  await withTenant(place.t.db, teamId, (tx) =>
    tx.insert(memberships).values({ teamId, userId: guest.account.id, role: "viewer" }),
  );
  const invitation = await api.invitation.create({ ...where, role: "viewer" });
  return { member: guest.account.id, invitation: invitation.id };
}

export const policyInput = (names: Pick<World, "policy" | "deployment" | "pipeline">) => ({
  ...{ name: names.policy, deployment: names.deployment, pipeline: names.pipeline, enabled: false },
  spec: { kind: "calibration" as const, days: 3, limit: 0.05, cooldownDays: 7, trainDays: 21 },
});

export const trainingInput = (pipeline: string) => ({
  ...{ pipeline, params: {}, from: new Date("2001-02-01T00:00:00Z"), to: new Date("2001-03-01T00:00:00Z") },
});

async function insertIncident(place: Place, scope: Scope, deploymentId: string): Promise<string> {
  const id = newId("incident");
  const since = new Date("2001-06-05T00:00:00Z");
  await withTenant(place.t.db, scope.teamId, (tx) =>
    tx.insert(incidents).values({
      ...{ teamId: scope.teamId, projectId: scope.projectId, id, kind: "unit_change", deploymentId, state: "open" },
      ...{ title: "`distance` is now in kilometres", dedupeKey: id, evidence: { rows: 1_728 } },
      proposal: {
        ...{ column: "distance", declaredUnit: "mile", receivedUnit: "kilometre", factor: 0.621371192, offset: 0 },
        ...{ from: since.toISOString(), candidates: [] },
      },
      ...{ since, openedEventTime: since },
    }),
  );
  return id;
}
