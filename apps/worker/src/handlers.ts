import { type DomainEvent, ERROR_STATUS, isAppError, type Scope } from "@ballast/core";
import { validateDatasetVersion } from "@ballast/datasets/server";
import { monitorWindows, type Tx } from "@ballast/db";
import {
  requestRollout,
  runGates,
  startApprovedRollouts,
  startNextRollout,
  stepRollout,
} from "@ballast/delivery/server";
import { meterInference } from "@ballast/finops/server";
import { readInstallation } from "@ballast/governance/server";
import { buildReference, processWindow, rowsToPay } from "@ballast/monitoring/server";
import { attestVersion } from "@ballast/registry/server";
import { countTrainingRows, evaluatePolicies, loadTrainingRows, runTrainingJob } from "@ballast/training/server";
import { and, eq } from "drizzle-orm";
import type { WorkerContext } from "./context.ts";
import type { JobHandlers, JobName } from "./jobs.ts";
import type { Reaction, Reactions } from "./outbox.ts";

const text = (event: DomainEvent, key: string): string => {
  const value = event.data[key];
  if (typeof value !== "string") throw new Error(`Event ${event.name} ${event.id} carries no ${key}.`);
  return value;
};

const run = (work: (context: WorkerContext, scope: Scope, event: DomainEvent) => Promise<unknown>): Reaction => ({
  kind: "run",
  run: async (context, scope, event) => {
    await work(context, scope, event);
  },
});

const within = (
  work: (tx: Tx, context: WorkerContext, scope: Scope, event: DomainEvent) => Promise<unknown>,
): Reaction => ({
  kind: "within",
  run: async (tx, context, scope, event) => {
    await work(tx, context, scope, event);
  },
});

/** A job about the event's subject, or about the id under `key` in its data. */
const job = (name: JobName, key?: string): Reaction => ({
  kind: "job",
  job: name,
  payload: (event, scope) => ({
    teamId: scope.teamId,
    projectId: scope.projectId,
    subject: key ? text(event, key) : event.subject,
  }),
});

async function meterWindow(tx: Tx, _: WorkerContext, scope: Scope, event: DomainEvent): Promise<void> {
  const windowId = text(event, "windowId");
  const mine = and(
    eq(monitorWindows.teamId, scope.teamId),
    eq(monitorWindows.projectId, scope.projectId),
    eq(monitorWindows.id, windowId),
  );
  const [window] = await tx.select().from(monitorWindows).where(mine);
  if (!window?.tally) return;
  const { deploymentId, from, to, tally } = window;
  await meterInference(tx, scope, { deploymentId, windowId, versions: rowsToPay(tally), from, to });
}

/** Whatever became of a request: given, its rollout starts; rejected, withdrawn or taken back, the rollout is aborted and the next starts. */
const startApproved = within((tx, _, scope, event) => startApprovedRollouts(tx, scope, text(event, "modelId")));
/** What is registered is signed at once, so that nobody can change it first; a version without files of its own has nothing to sign. */
async function attest(tx: Tx, context: WorkerContext, scope: Scope, event: DomainEvent): Promise<void> {
  const installation = readInstallation();
  if (installation.signingKey === null) return;
  try {
    await attestVersion(tx, installation, scope, { versionId: event.subject });
  } catch (error) {
    if (!isAppError(error)) throw error;
    context.log.info("model version not attested", { versionId: event.subject, reason: error.message });
  }
}

/** What a champion's windows are compared with. Where its rows can't be read, no retry will: the old reference stays. */
async function referTo(context: WorkerContext, scope: Scope, event: DomainEvent): Promise<void> {
  const champion = { deploymentId: text(event, "deploymentId"), versionId: text(event, "candidateId") };
  try {
    await buildReference(context, scope, champion);
  } catch (error) {
    if (!isAppError(error) || ERROR_STATUS[error.code] >= 500) throw error;
    context.log.warn("no reference for a new champion; the old one stays", { ...champion, reason: error.message });
  }
}

const startNext = within((tx, _, scope, event) => startNextRollout(tx, scope, text(event, "deploymentId")));

/** Which event causes what: the one place where the rooms of the house are wired to each other. */
export const REACTIONS: Reactions = {
  "dataset_version.created": [job("dataset.validate")],
  "model_version.registered": [within(attest)],
  "window.closed": [run((context, scope, event) => processWindow(context, scope, text(event, "windowId")))],
  "window.processed": [
    run((context, scope, event) => stepRollout(context, scope, { windowId: text(event, "windowId") })),
    within(meterWindow),
    within((tx, context, scope, event) =>
      evaluatePolicies(
        tx,
        scope,
        { deploymentId: text(event, "deploymentId"), through: new Date(text(event, "to")) },
        { plugins: context.plugins, countRows: countTrainingRows(context) },
      ),
    ),
  ],
  "training.requested": [job("training.run")],
  "training.succeeded": [within((tx, _, scope, event) => requestRollout(tx, scope, rolloutOf(event)))],
  "model.approval_decided": [startApproved],
  "approval_rule.changed": [startApproved],
  "rollout.started": [job("delivery.gates")],
  "rollout.promoted": [run(referTo), startNext],
  "rollout.refused": [startNext],
  "rollout.rolled_back": [startNext],
};

function rolloutOf(event: DomainEvent) {
  const plan = event.data.plan as { strategy: "shadow_then_canary" | "canary" | "all_at_once" };
  return {
    deployment: text(event, "deployment"),
    versionId: text(event, "versionId"),
    strategy: plan.strategy,
    cause: text(event, "cause"),
    plan: {},
  };
}

export const JOB_HANDLERS: JobHandlers = {
  "dataset.validate": async (context, scope, subject) => {
    await validateDatasetVersion(context, scope, subject);
  },
  "training.run": async (context, scope, subject, signal) => {
    await runTrainingJob({ ...context, signal, loadRows: loadTrainingRows(context) }, scope, subject);
  },
  "delivery.gates": async (context, scope, subject) => {
    await runGates(context, scope, subject);
  },
};
