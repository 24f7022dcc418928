/** The access matrix's cases of the registry. */
import type { ProcedureCase } from "./access-inputs.ts";
import { versionInput } from "./access-world.ts";

let made = 0;
const fresh = (prefix: string) => `${prefix}${++made}`;
const reason = "as the test says";

const byModel = (more: Record<string, unknown> = {}, answers?: ProcedureCase["answers"]): ProcedureCase => ({
  input: ({ shelfModel }) => ({ modelId: shelfModel, ...more }),
  ...(answers ? { answers } : {}),
  foreign: ({ shelfModel }) => [{ modelId: shelfModel, ...more }],
});
const byVersion = (more: Record<string, unknown> = {}, answers?: ProcedureCase["answers"]): ProcedureCase => ({
  input: ({ shelfVersion }) => ({ versionId: shelfVersion, ...more }),
  ...(answers ? { answers } : {}),
  foreign: ({ shelfVersion }) => [{ versionId: shelfVersion, ...more }],
});
const byApproval = (
  name: "approval" | "openApproval",
  more: Record<string, unknown>,
  answers: ProcedureCase["answers"],
): ProcedureCase => ({
  input: (own) => ({ approvalId: own[name], ...more }),
  ...(answers ? { answers } : {}),
  foreign: (theirs) => [{ approvalId: theirs[name], ...more }],
});

export const MODEL_CASES: Record<string, ProcedureCase> = {
  "model.list": { input: () => ({ search: "d", after: "a", limit: 200 }) },
  "model.search": { input: () => ({ filter: "name LIKE 'd%' OR NOT tags.a = '1'", orderBy: ["name DESC"], limit: 1 }) },
  "model.get": {
    input: ({ model }) => ({ model, before: 1_000, limit: 50 }),
    foreign: ({ model, modelId }) => [{ model }, { model: modelId }],
  },
  "model.create": { input: () => ({ name: fresh("new "), description: "d", tags: { a: "1" } }) },
  // A model with a guarded alias keeps its name and its place, but for those who set the rules.
  "model.rename": {
    answers: ["OK", "PRECONDITION_FAILED"],
    input: ({ shelfModel }) => ({ modelId: shelfModel, newName: fresh("renamed ") }),
    foreign: ({ shelfModel }) => [{ modelId: shelfModel, newName: fresh("renamed ") }],
  },
  "model.describe": byModel({ description: "says who is late" }),
  "model.tag": byModel({ key: "a", value: "1" }),
  "model.untag": byModel({ key: "a" }),
  // Put away once, there is nothing left to put away; taken out once, nothing to take out.
  "model.trash": byModel({}, ["OK", "NOT_FOUND", "PRECONDITION_FAILED"]),
  "model.restore": byModel({}, ["OK", "NOT_FOUND"]),
  "model.version": {
    input: ({ version }) => ({ versionId: version }),
    foreign: ({ version }) => [{ versionId: version }],
  },
  "model.searchVersions": { input: () => ({ filter: "name LIKE 'd%' AND version_number > 0", limit: 5 }) },
  "model.lineage": {
    input: ({ version }) => ({ versionId: version }),
    foreign: ({ version }) => [{ versionId: version }],
  },
  "model.register": {
    input: (own) => ({
      version: {
        ...versionInput(own),
        lineage: {
          ...{ runId: own.run, trainingJobId: null },
          datasetVersions: [{ id: own.datasetVersion, label: "flights v1" }],
          ...{ trainedFrom: "2001-01-01T00:00:00Z", trainedTo: "2001-02-01T00:00:00Z", codeVersion: "1" },
        },
      },
    }),
    foreign: (theirs, own) => [
      { version: { ...versionInput(own), lineage: { runId: theirs.run } } },
      { version: { ...versionInput(own), lineage: { trainingJobId: theirs.job } } },
      { version: { ...versionInput(own), lineage: { datasetVersions: [{ id: theirs.datasetVersion, label: "x" }] } } },
    ],
  },
  "model.registerFiles": {
    input: (own) => ({ name: own.model, source: `runs:/${own.run}/model`, description: "d", tags: { a: "1" } }),
    foreign: (theirs, own) => [
      { name: theirs.model, source: "s3://bucket/model" },
      { name: own.model, source: `runs:/${theirs.run}/model` },
      { name: own.model, source: "s3://bucket/model", runId: theirs.run },
      { name: own.model, source: `models:/${theirs.model}/1` },
    ],
  },
  "model.bind": {
    input: (own) => ({ versionId: own.version, serving: versionInput(own).serving }),
    // It was registered with its bindings.
    answers: ["CONFLICT"],
    foreign: (theirs, own) => [{ versionId: theirs.version, serving: versionInput(own).serving }],
  },
  "model.describeVersion": byVersion({ description: "the calm one" }),
  "model.tagVersion": byVersion({ key: "a", value: "1" }),
  "model.untagVersion": byVersion({ key: "a" }),
  "model.stageVersion": byVersion({ stage: "Staging", archiveExisting: true }),
  "model.trashVersion": byVersion({}, ["OK", "NOT_FOUND"]),
  "model.restoreVersion": byVersion({}, ["OK", "NOT_FOUND"]),
  "model.trashedVersions": byModel(),
  "model.setAlias": {
    input: ({ modelId, version }) => ({ modelId, alias: "best", versionId: version, reason }),
    foreign: (theirs, own) => [
      { modelId: theirs.modelId, alias: "best", versionId: theirs.version },
      { modelId: own.modelId, alias: "best", versionId: theirs.version },
      { modelId: theirs.modelId, alias: "best", versionId: own.version },
    ],
  },
  "model.dropAlias": {
    input: ({ modelId }) => ({ modelId, alias: "best" }),
    foreign: ({ modelId }) => [{ modelId, alias: "best" }],
  },
  "model.aliasHistory": byModel({ alias: "best", before: 1_000, limit: 10 }),
  "model.approvalRules": byModel(),
  "model.setApprovalRule": byModel({ alias: "gone", approvals: 2 }),
  "model.removeApprovalRule": byModel({ alias: "gone" }, ["OK", "NOT_FOUND"]),
  "model.approvals": {
    input: ({ shelfModel }) => ({ modelId: shelfModel, state: "pending", before: "apr_zzz", limit: 10 }),
    foreign: ({ shelfModel }) => [{ modelId: shelfModel }],
  },
  "model.requestApproval": byVersion({ alias: "prod", reason }),
  "model.cancelApproval": byApproval("openApproval", {}, ["OK", "CONFLICT"]),
  "model.decideApproval": byApproval("approval", { approved: true, reason }, ["OK", "CONFLICT"]),
  "model.withdrawApproval": byApproval("approval", { reason }, ["OK", "CONFLICT"]),
  "model.compare": {
    input: ({ version, secondVersion }) => ({ versionIds: [version, secondVersion] }),
    foreign: (theirs, own) => [
      { versionIds: [own.version, theirs.version] },
      { versionIds: [theirs.version, theirs.secondVersion] },
    ],
  },
  "model.card": {
    input: ({ version }) => ({ versionId: version }),
    foreign: ({ version }) => [{ versionId: version }],
  },
  "model.inputExample": byVersion(),
  "model.loggedSignature": byVersion(),
};
