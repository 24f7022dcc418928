/** For every procedure: what one asks it within one's own project, and how one would ask it for somebody else's things. */
import { PERMISSIONS } from "@ballast/core";
import type { TRPCError } from "@trpc/server";
import { GOVERNANCE_CASES } from "./access-governance.ts";
import { MODEL_CASES } from "./access-models.ts";
import { pipelineSpec, policyInput, trainingInput, viewDefinition, type World } from "./access-world.ts";
import { experiments } from "./experiment-inputs.ts";

type Input = Record<string, unknown>;
export interface ProcedureCase {
  /** Beside `team` and `project`: a request that is right, made from the caller's own things. */
  input?: (own: World) => Input;
  /** What the right request may be answered; `OK` where left out. Others where asking twice, or too early, is a conflict. */
  answers?: (TRPCError["code"] | "OK")[];
  /** Requests that name something of another project, each of which must be NOT_FOUND. */
  foreign?: (theirs: World, own: World) => Input[];
  /** Filters that name something of another project: answered as if it were nobody's. */
  filtered?: (theirs: World) => Input[];
}

let made = 0;
/** A name that was not there before. */
const fresh = (prefix: string) => `${prefix}${++made}`;
const reason = "as the test says";

const account: Record<string, ProcedureCase> = {
  "account.signUp": {
    input: () => ({
      ...{ name: "Ada", email: `${fresh("ada")}@example.com`, password: "correct horse battery" },
      ...{ teamName: fresh("Team "), projectName: "First" },
    }),
  },
  "account.teams": {},
  "account.createProject": { input: () => ({ name: fresh("Project ") }) },
  "link.find": {
    input: ({ run }) => ({ kind: "run", id: run }),
    foreign: ({ run, experiment, loggedModel }) => [
      { kind: "run", id: run },
      { kind: "experiment", id: experiment },
      { kind: "logged_model", id: loggedModel },
    ],
  },
  "token.list": {},
  "token.create": {
    input: () => ({ name: "ci", permissions: ["token.write"], expiresInDays: 1 }),
  },
  "token.revoke": { input: ({ token }) => ({ id: token }), foreign: ({ token }) => [{ id: token }] },
  "token.rotate": {
    input: ({ token }) => ({ id: token, overlapHours: 24 }),
    // It was revoked when its turn came.
    answers: ["OK", "CONFLICT"],
    foreign: ({ token }) => [{ id: token }],
  },
  "member.list": {},
  "member.setRole": {
    input: ({ member }) => ({ userId: member, role: "viewer" }),
    foreign: ({ member }) => [{ userId: member, role: "viewer" }],
  },
  "member.remove": {
    input: ({ member }) => ({ userId: member }),
    // Removed once, there is nobody left to remove.
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ member }) => [{ userId: member }],
  },
  "invitation.list": {},
  "invitation.create": { input: () => ({ role: "viewer", email: "guest@example.com", expiresInDays: 2 }) },
  "invitation.renew": {
    input: ({ invitation }) => ({ id: invitation }),
    foreign: ({ invitation }) => [{ id: invitation }],
  },
  "invitation.revoke": {
    input: ({ invitation }) => ({ id: invitation }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ invitation }) => [{ id: invitation }],
  },
  "serviceAccount.list": {},
  "serviceAccount.create": {
    input: () => ({ name: fresh("program "), description: "", permissions: ["team.manage"], teamWide: false }),
  },
  "serviceAccount.update": {
    input: ({ serviceAccount }) => ({ id: serviceAccount, description: "d", permissions: ["team.manage"] }),
    foreign: ({ serviceAccount }) => [{ id: serviceAccount, description: "d" }],
  },
  "serviceAccount.disable": {
    input: ({ serviceAccount }) => ({ id: serviceAccount }),
    foreign: ({ serviceAccount }) => [{ id: serviceAccount }],
  },
  "serviceAccount.enable": {
    input: ({ serviceAccount }) => ({ id: serviceAccount }),
    foreign: ({ serviceAccount }) => [{ id: serviceAccount }],
  },
  "audit.list": { input: () => ({ limit: 200, before: "aud_zzz", search: "create" }) },
};

const loop: Record<string, ProcedureCase> = {
  "loop.progress": {},
  "loop.settled": { input: () => ({ through: null, timeoutMs: 0 }) },
  "loop.stuck": {},
  "loop.retryEvent": { input: () => ({ eventId: 9_000_000 }), answers: ["NOT_FOUND"] },
  "loop.setSegmentAside": { input: () => ({ segmentId: "gw/prj/1", why: reason }), answers: ["NOT_FOUND"] },
  "loop.events": { input: () => ({ before: 1_000_000, limit: 200, name: "dataset", newsOnly: true }) },
  "loop.live": { input: () => ({ lastEventId: "0", after: 0 }) },
  "overview.get": { input: () => ({ days: 30 }) },
};

const records: Record<string, ProcedureCase> = {
  "dataset.list": { input: () => ({ before: "ds_zzz", limit: 200, search: "f" }) },
  "dataset.get": {
    input: ({ dataset }) => ({ dataset }),
    foreign: ({ dataset, datasetId }) => [{ dataset }, { dataset: datasetId }],
  },
  "dataset.version": {
    input: ({ datasetVersion }) => ({ id: datasetVersion }),
    foreign: ({ datasetVersion }) => [{ id: datasetVersion }],
  },
  "dataset.createVersion": {
    input: () => ({
      version: {
        ...{
          dataset: fresh("new_"),
          description: "",
          sourceDigest: "c".repeat(64),
          declaredUnits: { distance: "mile" },
        },
        time: { column: "departure", zoneBy: "origin", zones: { SEA: "America/Los_Angeles" } },
      },
    }),
  },
  "feature.list": { input: () => ({ search: "v" }) },
  "feature.get": { input: ({ view }) => ({ name: view }), foreign: ({ view }) => [{ name: view }] },
  "feature.uses": {
    input: ({ view }) => ({ name: view, before: "mv_zzz", limit: 200 }),
    filtered: ({ view }) => [{ name: view }],
  },
  "feature.define": { input: () => ({ definition: viewDefinition(fresh("view_")) }) },
};

const models: Record<string, ProcedureCase> = {
  ...MODEL_CASES,
  "training.pipelines": {},
  "training.definePipeline": {
    input: (own) => ({ pipeline: { name: own.pipeline, spec: pipelineSpec(own) } }),
    foreign: (theirs, own) => [
      { pipeline: { name: "p", spec: { ...pipelineSpec(own), dataset: theirs.dataset } } },
      { pipeline: { name: "p", spec: pipelineSpec(theirs) } },
    ],
  },
  "training.jobs": { input: () => ({ before: "trn_zzz", limit: 200, states: ["refused"] }) },
  "training.job": { input: ({ job }) => ({ jobId: job }), foreign: ({ job }) => [{ jobId: job }] },
  "training.estimate": {
    input: ({ pipeline }) => ({ training: trainingInput(pipeline) }),
    foreign: ({ pipeline }) => [{ training: trainingInput(pipeline) }],
  },
  "training.request": {
    input: ({ pipeline }) => ({ training: { ...trainingInput(pipeline), plan: { strategy: "canary" } } }),
    foreign: ({ pipeline }) => [{ training: trainingInput(pipeline) }],
  },
  "training.policies": {},
  "training.definePolicy": {
    input: (own) => ({ policy: policyInput(own) }),
    foreign: (theirs, own) => [
      { policy: { ...policyInput(own), deployment: theirs.deployment } },
      { policy: { ...policyInput(own), pipeline: theirs.pipeline } },
    ],
  },
};

const byDeployment = ({ deployment, deploymentId }: World, more: Input = {}) => [
  { deployment, ...more },
  { deployment: deploymentId, ...more },
];

const delivery: Record<string, ProcedureCase> = {
  "deployment.list": {},
  "deployment.get": { input: ({ deployment }) => ({ deployment }), foreign: (theirs) => byDeployment(theirs) },
  "deployment.create": {
    input: ({ model }) => ({
      deployment: {
        ...{ name: fresh("endpoint-"), modelName: model, sloMs: 25, deadlineMs: 1_000 },
        ...{ assignmentColumn: "flight_id", timeColumn: "departure" },
      },
    }),
  },
  "rollout.list": {
    input: ({ deployment }) => ({ deployment, before: "rol_zzz", limit: 50 }),
    foreign: (theirs) => byDeployment(theirs),
  },
  "rollout.get": {
    input: ({ rollout }) => ({ rolloutId: rollout }),
    foreign: ({ rollout }) => [{ rolloutId: rollout }],
  },
  "rollout.decisions": {
    input: ({ rollout }) => ({ rolloutId: rollout, before: "dec_zzz", limit: 50 }),
    foreign: ({ rollout }) => [{ rolloutId: rollout }],
  },
  "rollout.request": {
    input: ({ deployment, secondVersion }) => ({
      rollout: {
        ...{ deployment, versionId: secondVersion, strategy: "canary", cause: "manual" },
        plan: { steps: [{ percent: 10, minDays: 1 }], margin: 0.01, alpha: { quality: 0.05 }, minDays: 1, maxDays: 9 },
      },
    }),
    foreign: (theirs, own) => [
      { rollout: { deployment: theirs.deploymentId, versionId: own.version } },
      { rollout: { deployment: own.deploymentId, versionId: theirs.version } },
    ],
  },
  "rollout.decide": {
    input: ({ rollout }) => ({ decision: { rolloutId: rollout, decision: "abort", reason } }),
    answers: ["OK", "CONFLICT"],
    foreign: ({ rollout }) =>
      ["promote", "roll_back", "abort", "pause", "resume"].map((decision) => ({
        decision: { rolloutId: rollout, decision, reason },
      })),
  },
};

const range = { from: "2001-06-01", to: "2001-06-30" };
const watch: Record<string, ProcedureCase> = {
  "monitoring.overviews": {},
  "monitoring.overview": { input: ({ deployment }) => ({ deployment }), foreign: (theirs) => byDeployment(theirs) },
  "monitoring.heatMap": {
    input: ({ deployment }) => ({ deployment, range, test: "psi" }),
    foreign: (theirs) => byDeployment(theirs),
  },
  "monitoring.distribution": {
    input: ({ deployment }) => ({ deployment, column: "distance", day: "2001-06-05" }),
    // No day was processed in this project.
    answers: ["NOT_FOUND"],
    foreign: (theirs) => byDeployment(theirs, { column: "distance", day: "2001-06-05" }),
  },
  "monitoring.performance": {
    input: ({ deployment }) => ({ deployment, range }),
    foreign: (theirs) => byDeployment(theirs),
  },
  "monitoring.windows": {
    input: ({ deployment }) => ({ deployment, before: "2001-06-05T00:00:00Z", limit: 30 }),
    foreign: (theirs) => byDeployment(theirs),
  },
  "monitoring.incidents": {
    input: ({ deploymentId }) => ({ deployment: deploymentId, state: "open", before: "inc_zzz", limit: 100 }),
    filtered: ({ deploymentId }) => [{ deployment: deploymentId }],
  },
  "monitoring.incident": {
    input: ({ incident }) => ({ incidentId: incident }),
    foreign: ({ incident }) => [{ incidentId: incident }],
  },
  "monitoring.acceptConversion": {
    input: ({ incident }) => ({ incidentId: incident }),
    // It was accepted when the project was filled.
    answers: ["CONFLICT"],
    foreign: ({ openIncident }) => [{ incidentId: openIncident }],
  },
  "monitoring.dismissIncident": {
    input: ({ openIncident }) => ({ incidentId: openIncident, reason }),
    answers: ["OK", "CONFLICT"],
    foreign: ({ openIncident }) => [{ incidentId: openIncident, reason }],
  },
  "monitoring.withdrawConversion": {
    input: ({ conversion }) => ({ conversionId: conversion, from: "2001-06-09T00:00:00Z", reason }),
    foreign: ({ conversion }) => [{ conversionId: conversion, reason }],
  },
};

const money: Record<string, ProcedureCase> = {
  "finops.budgets": {},
  "finops.setBudget": {
    input: () => ({ budget: { name: "2001", currency: "USD", hard: false, limitMicros: 1_000_000 } }),
  },
  "finops.costByDay": { input: () => ({ from: new Date("2001-01-01"), to: new Date("2002-01-01") }) },
  "finops.costPerDay": { input: () => ({ days: 365 }) },
  "finops.unitCosts": { input: ({ modelId }) => ({ modelId }), filtered: ({ modelId }) => [{ modelId }] },
  "finops.refusals": { input: () => ({ limit: 50, leases: true }) },
  "finops.rateCard": {},
  "finops.setRateCard": { input: () => ({ card: { currency: "USD", rates: { "training.row_trees": 0.5 } } }) },
};

/** Path → case. A procedure that is missing here fails the matrix. */
export const CASES: Readonly<Record<string, ProcedureCase>> = {
  ...{
    ...account,
    ...loop,
    ...records,
    ...experiments,
    ...models,
    ...delivery,
    ...watch,
    ...money,
    ...GOVERNANCE_CASES,
  },
};

/** Everything but one permission. */
export const allBut = (permission: string) => PERMISSIONS.filter((one) => one !== permission);
