import type { ArtifactStore } from "@ballast/artifacts";
import { AppError, isAppError, notFound, type Scope } from "@ballast/core";
import {
  columnProfiles,
  type Database,
  datasetVersions,
  emit,
  type FeatureViewDefinition,
  featureViews,
  gateResults,
  modelVersions,
  runs,
  type Servable,
  servableVersion,
  type Tx,
  withTenant,
} from "@ballast/db";
import { readModel } from "@ballast/onnx";
import { PARITY_SAMPLE_LABEL, type ParitySample, paritySampleSchema } from "@ballast/registry";
import type { ColumnProfile } from "@ballast/statistics";
import { and, desc, eq, inArray } from "drizzle-orm";
import { applyDecision } from "./apply-decision.ts";
import { contractGate } from "./contract-gate.ts";
import { type GateResult, metricFloor } from "./gates.ts";
import { type ProbeRange, probeRange } from "./onnx-gates.ts";
import { type DeploymentRow, findDeployment, findRollout, lockDeployment, readWatermark } from "./records.ts";
import { nextRolloutStep } from "./rollout-state.ts";
import { runModelGates } from "./run-model-gates.ts";

export interface GateDeps {
  db: Database;
  artifacts: ArtifactStore;
}
type VersionRow = Servable<typeof modelVersions.$inferSelect>;

/** All that the gates look at, read in one transaction. */
interface GateFacts {
  deployment: DeploymentRow;
  version: VersionRow;
  views: FeatureViewDefinition[];
  data: { label: string; state: string }[];
  ranges: ProbeRange[];
  sampleDigest: string | null;
}

async function latestViews(tx: Tx, scope: Scope): Promise<FeatureViewDefinition[]> {
  const rows = await tx
    .selectDistinctOn([featureViews.name], { name: featureViews.name, definition: featureViews.definition })
    .from(featureViews)
    .where(and(eq(featureViews.teamId, scope.teamId), eq(featureViews.projectId, scope.projectId)))
    .orderBy(featureViews.name, desc(featureViews.version));
  return rows.map((row) => row.definition);
}

async function trainingData(tx: Tx, scope: Scope, version: VersionRow) {
  const named = version.lineage.datasetVersions;
  if (named.length === 0) return [];
  const rows = await tx
    .select({ id: datasetVersions.id, state: datasetVersions.state })
    .from(datasetVersions)
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        inArray(
          datasetVersions.id,
          named.map((entry) => entry.id),
        ),
      ),
    );
  return named.map(({ id, label }) => ({ label, state: rows.find((row) => row.id === id)?.state ?? "missing" }));
}

async function referenceRanges(tx: Tx, scope: Scope, deploymentId: string, version: VersionRow): Promise<ProbeRange[]> {
  const rows = await tx
    .select({ column: columnProfiles.column, profile: columnProfiles.profile })
    .from(columnProfiles)
    .where(
      and(
        eq(columnProfiles.teamId, scope.teamId),
        eq(columnProfiles.projectId, scope.projectId),
        eq(columnProfiles.deploymentId, deploymentId),
        eq(columnProfiles.windowId, "reference"),
      ),
    );
  return version.serving.features.map((binding) => {
    const row =
      rows.find(({ column }) => column === binding.input) ?? rows.find(({ column }) => column === binding.feature);
    return probeRange(row?.profile as unknown as ColumnProfile | undefined);
  });
}

/** Digest of the trainer's own predictions, if the run that made the version recorded them. */
async function paritySampleOf(tx: Tx, scope: Scope, version: VersionRow): Promise<string | null> {
  if (!version.lineage.runId) return null;
  const [run] = await tx
    .select({ outputs: runs.outputs })
    .from(runs)
    .where(and(eq(runs.teamId, scope.teamId), eq(runs.projectId, scope.projectId), eq(runs.id, version.lineage.runId)));
  return run?.outputs.find((output) => output.kind === "artifact" && output.label === PARITY_SAMPLE_LABEL)?.id ?? null;
}

async function readFacts(tx: Tx, scope: Scope, deploymentId: string, versionId: string): Promise<GateFacts> {
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.id, versionId),
      ),
    );
  if (!row) throw notFound("Model version", versionId);
  const version = servableVersion(row);
  return {
    deployment: await findDeployment(tx, scope, deploymentId),
    version,
    views: await latestViews(tx, scope),
    data: await trainingData(tx, scope, version),
    ranges: await referenceRanges(tx, scope, deploymentId, version),
    sampleDigest: await paritySampleOf(tx, scope, version),
  };
}

/** Bytes that are missing or damaged are a gate's finding; a store that cannot be read is not: let it be tried again. */
const isFinding = (error: unknown): error is AppError =>
  isAppError(error) && (error.code === "not_found" || error.code === "unprocessable");

/** The bytes, verified against their digest, or why there are none. */
async function readArtifact(
  artifacts: ArtifactStore,
  version: VersionRow,
): Promise<{ bytes: Uint8Array | null; result: GateResult }> {
  const measured = { digest: version.digest, registeredBytes: version.sizeBytes };
  try {
    const bytes = await artifacts.get(version.digest);
    const message = `${bytes.byteLength.toLocaleString("en-US")} bytes hash to the registered SHA-256 ${version.digest.slice(0, 12)}….`;
    return { bytes, result: { gate: "artifact_hash", passed: true, message, measured } };
  } catch (error) {
    if (!isFinding(error)) throw error;
    return { bytes: null, result: { gate: "artifact_hash", passed: false, message: error.publicMessage, measured } };
  }
}

/** The trainer's own predictions, if any are recorded. Throws `unprocessable` or `not_found` for a record that cannot be read. */
async function readSample(artifacts: ArtifactStore, digest: string | null): Promise<ParitySample | null> {
  if (digest === null) return null;
  const text = (await artifacts.get(digest)).toString("utf8");
  try {
    return paritySampleSchema.parse(JSON.parse(text));
  } catch (error) {
    const message = `The trainer's recorded predictions cannot be read: ${error instanceof Error ? error.message : error}`;
    throw new AppError("unprocessable", message, { publicMessage: message, cause: error });
  }
}

/** The gates that run the model. */
async function runtimeGates(deps: GateDeps, facts: GateFacts): Promise<GateResult[]> {
  const { version, ranges, deployment, sampleDigest } = facts;
  const path = await deps.artifacts.localFile(version.digest);
  try {
    const sample = await readSample(deps.artifacts, sampleDigest);
    return await runModelGates({ path, serving: version.serving, ranges, sample, sloMs: deployment.sloMs });
  } catch (error) {
    if (!isFinding(error)) throw error;
    const message = error.publicMessage;
    return (["onnx_parity", "latency"] as const).map((gate) => ({ gate, passed: false, message, measured: {} }));
  }
}

function skipped(gate: GateResult["gate"]): GateResult {
  return { gate, passed: false, message: "Not run: the model file is missing or damaged.", measured: {} };
}

/** Runs every gate on a version, whatever the others say, so that one look shows all there is to mend. */
export async function measureGates(
  deps: GateDeps,
  scope: Scope,
  input: { deploymentId: string; versionId: string },
): Promise<GateResult[]> {
  const facts = await withTenant(deps.db, scope.teamId, (tx) =>
    readFacts(tx, scope, input.deploymentId, input.versionId),
  );
  const { bytes, result } = await readArtifact(deps.artifacts, facts.version);
  const floor = metricFloor(facts.version.metrics);
  if (!bytes) return [result, skipped("contract"), floor, skipped("onnx_parity"), skipped("latency")];
  const { serving } = facts.version;
  const contract = contractGate(readModel(bytes), { serving, views: facts.views, data: facts.data });
  return [result, contract, floor, ...(await runtimeGates(deps, facts))];
}

function summarise(results: GateResult[]): { passed: boolean; summary: string } {
  const failed = results.filter((result) => !result.passed);
  if (failed.length === 0) return { passed: true, summary: `all ${results.length} gates passed.` };
  const words = failed.map((result) => `${result.gate}: ${result.message}`).join(" ");
  return { passed: false, summary: `${failed.length} of ${results.length} gates failed. ${words}` };
}

async function recordGates(tx: Tx, scope: Scope, versionId: string, results: GateResult[]): Promise<void> {
  for (const result of results) {
    const { gate, passed, message, measured } = result;
    const verdict = { passed, message, measured, createdAt: new Date() };
    await tx
      .insert(gateResults)
      .values({ teamId: scope.teamId, projectId: scope.projectId, versionId, gate, ...verdict })
      .onConflictDoUpdate({
        target: [gateResults.teamId, gateResults.projectId, gateResults.versionId, gateResults.gate],
        set: verdict,
      });
  }
}

/**
 * Runs the gates of a rollout's candidate and acts on them: shadow or canary, promotion of a first version, or refusal.
 * Emits `gates.passed` or `gates.failed`. Idempotent: on a rollout that is past its gates it does nothing and returns null.
 * @throws AppError `not_found` for a rollout of nobody or of somebody else
 */
export async function runGates(deps: GateDeps, scope: Scope, rolloutId: string): Promise<GateResult[] | null> {
  const rollout = await withTenant(deps.db, scope.teamId, (tx) => findRollout(tx, scope, rolloutId));
  if (rollout.state !== "gating") return null;
  const { deploymentId, candidateId: versionId } = rollout;
  const results = await measureGates(deps, scope, { deploymentId, versionId });
  const evidenceAt = performance.now();
  return withTenant(deps.db, scope.teamId, async (tx) => {
    const deployment = await lockDeployment(tx, scope, deploymentId);
    const current = await findRollout(tx, scope, rolloutId);
    if (current.state !== "gating") return null;
    await recordGates(tx, scope, versionId, results);
    const gates = summarise(results);
    const now = await readWatermark(tx, scope);
    await emit(tx, scope, {
      name: gates.passed ? "gates.passed" : "gates.failed",
      subject: versionId,
      summary: `Gates: ${gates.summary}`,
      data: { rolloutId, deploymentId, versionId, gates: results.map(({ gate, passed }) => ({ gate, passed })) },
      eventTime: now === null ? null : new Date(now),
    });
    const facts = {
      state: current.state,
      step: current.step,
      stepSince: current.stepSince?.getTime() ?? null,
      plan: current.plan,
      hasChampion: current.championId !== null,
      cause: current.cause,
      gates,
      paused: false,
    };
    const decision = nextRolloutStep(facts, current.evidence, now ?? 0);
    if (decision) {
      const inputs = Object.fromEntries(results.map(({ gate, passed }) => [gate, passed ? "passed" : "failed"]));
      const context = { deployment, rollout: current, evidence: current.evidence, now, routedFrom: now, evidenceAt };
      await applyDecision(tx, scope, { ...context, decision: { ...decision, inputs } });
    }
    return results;
  });
}
