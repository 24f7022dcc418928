/** The access matrix's cases of webhooks, provenance, the trash, and moving between projects. */
import type { createCaller } from "../index.ts";
import type { ProcedureCase } from "./access-inputs.ts";

/** Names that these add to a project's world. */
export const AROUND = ["webhook", "delivery", "rule"] as const;
type Caller = ReturnType<ReturnType<typeof createCaller>>;

/** Nobody listens there; the matrix's installation allows it. */
const NOBODY = "http://127.0.0.1:1/hook";
export const TEST_INSTALLATION = {
  secret: "33".repeat(32),
  /** An Ed25519 key in PKCS #8, for tests alone. */
  signingKey: "MC4CAQAwBQYDK2VwBCIEIDMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMz",
  webhookHosts: ["127.0.0.1"],
};

export async function addAround(api: Caller, where: { team: string; project: string }) {
  const webhook = await api.webhook.create({ ...where, webhook: { name: "ci", url: NOBODY, events: ["*"] } });
  // The platform's own events of filling a world must not be on their way during the matrix.
  await api.webhook.update({ ...where, webhookId: webhook.id, change: { state: "disabled" } });
  const { deliveryId } = await api.webhook.test({ ...where, webhookId: webhook.id });
  const rule = await api.trash.createRule({ ...where, spec: { kind: "trash", keepDays: 30 } });
  return { webhook: webhook.id, delivery: deliveryId, rule: rule.id };
}

const byWebhook = (more: Record<string, unknown> = {}, answers?: ProcedureCase["answers"]): ProcedureCase => ({
  input: ({ webhook }) => ({ webhookId: webhook, ...more }),
  ...(answers ? { answers } : {}),
  foreign: ({ webhook }) => [{ webhookId: webhook, ...more }],
});
const byVersion: ProcedureCase = {
  input: ({ version }) => ({ versionId: version }),
  foreign: ({ version }) => [{ versionId: version }],
};
const webhook = { name: "ci", url: NOBODY, events: ["drift.detected"], secret: "a long secret" };

export const GOVERNANCE_CASES: Record<string, ProcedureCase> = {
  "webhook.list": {},
  "webhook.get": byWebhook(),
  "webhook.create": { input: () => ({ webhook }) },
  "webhook.update": byWebhook({ change: { name: "new", url: NOBODY, events: ["*"], secret: null, state: "disabled" } }),
  "webhook.test": byWebhook({ event: "drift.detected" }),
  "webhook.deliveries": byWebhook({ state: "failed", before: new Date("2100-01-01"), limit: 200 }),
  "webhook.delivery": {
    input: ({ delivery }) => ({ deliveryId: delivery }),
    foreign: ({ delivery }) => [{ deliveryId: delivery }],
  },
  "webhook.replay": {
    input: (own) => ({ replay: { webhookId: own.webhook, from: new Date("2001-01-01"), states: ["failed"] } }),
    foreign: (theirs) => [{ replay: { webhookId: theirs.webhook } }, { replay: { deliveryIds: [theirs.delivery] } }],
  },
  // Deleted once, it is gone.
  "webhook.delete": byWebhook({}, ["OK", "NOT_FOUND"]),
  "model.graph": {
    input: ({ version }) => ({ kind: "model_version", id: version, direction: "both", depth: 5, limit: 50 }),
    foreign: (theirs) => [
      { kind: "model_version", id: theirs.version },
      { kind: "run", id: theirs.run },
      { kind: "dataset_version", id: theirs.datasetVersion },
      { kind: "deployment", id: theirs.deploymentId },
    ],
  },
  "model.bom": byVersion,
  "model.attestation": byVersion,
  "model.attest": byVersion,
  "model.verifyAttestation": byVersion,
  "model.signingKey": {},
  "openLineage.export": { input: () => ({ from: new Date("2001-01-01"), to: new Date("2100-01-01"), limit: 100 }) },
  "transfer.moveRuns": {
    input: (own) => ({ runIds: [own.run], to: own.project, experiment: "moved" }),
    foreign: (theirs, own) => [{ runIds: [theirs.run], to: own.project, experiment: "moved" }],
  },
  "transfer.copyRuns": {
    input: (own) => ({ runIds: [own.run], to: own.project, experiment: "copied" }),
    // A run that has not ended is not copied.
    answers: ["OK", "PRECONDITION_FAILED"],
    foreign: (theirs, own) => [{ runIds: [theirs.run], to: own.project, experiment: "copied" }],
  },
  "transfer.moveExperiment": {
    input: (own) => ({ experimentId: own.experiment, to: own.project }),
    answers: ["OK", "NOT_FOUND"],
    foreign: (theirs, own) => [{ experimentId: theirs.experiment, to: own.project }],
  },
  "transfer.copyExperiment": {
    input: (own) => ({ experimentId: own.experiment, to: own.project, name: "a copy" }),
    answers: ["OK", "NOT_FOUND", "CONFLICT"],
    foreign: (theirs, own) => [{ experimentId: theirs.experiment, to: own.project, name: "a copy" }],
  },
  "transfer.moveModel": {
    input: (own) => ({ modelId: own.modelId, to: own.project }),
    answers: ["OK", "NOT_FOUND"],
    foreign: (theirs, own) => [{ modelId: theirs.modelId, to: own.project }],
  },
  "transfer.copyModel": {
    input: (own) => ({ modelId: own.modelId, to: own.project, name: "twin" }),
    answers: ["OK", "NOT_FOUND", "CONFLICT"],
    foreign: (theirs, own) => [{ modelId: theirs.modelId, to: own.project, name: "twin" }],
  },
  "trash.list": {
    input: () => ({ kinds: ["run"], search: "a", after: { deletedAt: new Date("2100-01-01"), id: "z" }, limit: 200 }),
  },
  "trash.restore": {
    input: ({ run }) => ({ item: { kind: "run", id: run } }),
    answers: ["OK", "NOT_FOUND", "CONFLICT"],
    foreign: ({ run, experiment, loggedModel }) => [
      { item: { kind: "run", id: run } },
      { item: { kind: "experiment", id: experiment } },
      { item: { kind: "logged_model", id: loggedModel } },
    ],
  },
  "trash.restoreModel": {
    input: ({ modelId }) => ({ item: { kind: "model", id: modelId } }),
    // What is not in the trash is not found there.
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ modelId, version }) => [
      { item: { kind: "model", id: modelId } },
      { item: { kind: "model_version", id: version } },
    ],
  },
  "trash.purge": {
    input: ({ run }) => ({ items: [{ kind: "run", id: run }] }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ run, modelId }) => [{ items: [{ kind: "run", id: run }] }, { items: [{ kind: "model", id: modelId }] }],
  },
  "trash.rules": {},
  "trash.createRule": {
    input: ({ experiment }) => ({ spec: { kind: "runs", experimentId: experiment, keepDays: 3_000, keepTag: "keep" } }),
    foreign: ({ experiment }) => [
      { spec: { kind: "runs", experimentId: experiment, keepDays: 30, keepTag: null } },
      { spec: { kind: "metric_history", experimentId: experiment, keepDays: 30, points: 100 } },
    ],
  },
  "trash.updateRule": {
    input: ({ rule }) => ({ ruleId: rule, enabled: false, spec: { kind: "deliveries", keepDays: 30 } }),
    foreign: ({ rule }) => [{ ruleId: rule, enabled: false }],
  },
  // Deleted once, it is gone.
  "trash.deleteRule": {
    input: ({ rule }) => ({ ruleId: rule }),
    answers: ["OK", "NOT_FOUND"],
    foreign: ({ rule }) => [{ ruleId: rule }],
  },
  "trash.reports": { input: () => ({ before: "rep_zzz", limit: 200 }) },
  "trash.cleanUp": {},
};
