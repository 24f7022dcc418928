import { createLogger, notFound, type Scope } from "@ballast/core";
import {
  columnProfiles,
  modelVersions,
  type PipelineSpec,
  servableVersion,
  type Tx,
  trainingJobs,
  trainingPipelines,
  withTenant,
} from "@ballast/db";
import { pinnedViews } from "@ballast/features";
import { and, eq, sql } from "drizzle-orm";
import { findDeployment } from "./deployments.ts";
import type { MonitoringDeps } from "./deps.ts";
import { REFERENCE_WINDOW, type ReferenceColumn, readReference, storedReference, storeSample } from "./reference.ts";
import { calibrateColumn } from "./reference-column.ts";
import { type ReferenceQuery, referenceRows } from "./reference-rows.ts";

const log = createLogger("monitoring");

export interface BuiltReference {
  /** Columns written by this call; none when the baseline was there already. */
  built: string[];
  /** Columns that were kept as they were. */
  kept: string[];
}

/**
 * Builds what a deployment's windows are compared with, from the rows its champion was trained on: profiles, samples, and limits
 * calibrated on those rows themselves. Called when a version becomes champion. The first builds everything; a later one adds
 * features that are new to the deployment and replaces what is its own: predictions and outcomes. Request columns and known
 * features keep their first baseline, so that a slow drift cannot hide behind retraining. Idempotent per version. Throws `not_found`;
 * a version without a pipeline that says where its rows came from leaves the baseline as it is.
 */
export async function buildReference(
  deps: MonitoringDeps,
  scope: Scope,
  input: { deploymentId: string; versionId: string },
): Promise<BuiltReference> {
  const { existing, query } = await withTenant(deps.db, scope.teamId, async (tx) => {
    const deployment = await findDeployment(tx, scope, input.deploymentId);
    return {
      existing: await readReference(tx, scope, deployment.id),
      query: await referenceQuery(tx, scope, deployment.name, input.versionId),
    };
  });
  const kept = existing.map(({ column }) => column);
  if (query === null) {
    log.warn("no pipeline says what the version was trained on; the reference stays", { ...input });
    return { built: [], kept };
  }
  const current = existing.find(({ role }) => role === "prediction");
  if (current?.source.versionId === input.versionId) return { built: [], kept };
  const rows = await referenceRows(deps, scope, query);
  if (rows.range === null) return { built: [], kept };
  const tests = deps.plugins.driftTests().map(({ test }) => test);
  const own = (role: string) => role === "prediction" || role === "outcome";
  const columns: ReferenceColumn[] = [];
  for (const blocked of rows.columns) {
    if (!own(blocked.role) && kept.includes(blocked.column)) continue;
    const calibrated = await calibrateColumn(blocked, tests, (test, column, error) =>
      log.warn("a drift test could not be calibrated", { test, column, error }),
    );
    if (calibrated === null) continue;
    const { side, rows: n, ...rest } = calibrated;
    const sampleDigest = side.sample ? await storeSample(deps.artifacts, side.sample) : null;
    const range = { from: new Date(rows.range.from).toISOString(), to: new Date(rows.range.to).toISOString() };
    const source = { versionId: input.versionId, ...range, rows: n, blockRows: rows.blockRows };
    columns.push({ ...rest, profile: side.profile, sampleDigest, source });
  }
  await withTenant(deps.db, scope.teamId, (tx) => writeReference(tx, scope, input.deploymentId, columns));
  const built = columns.map(({ column }) => column);
  return { built, kept: kept.filter((column) => !built.includes(column)) };
}

/** Where a version's rows came from: its training job's pipeline and range, or the deployment's pipeline and its lineage's range. */
async function referenceQuery(
  tx: Tx,
  scope: Scope,
  deploymentName: string,
  versionId: string,
): Promise<ReferenceQuery | null> {
  const [version] = await tx
    .select()
    .from(modelVersions)
    .where(
      and(
        eq(modelVersions.teamId, scope.teamId),
        eq(modelVersions.projectId, scope.projectId),
        eq(modelVersions.id, versionId),
      ),
    );
  if (!version) throw notFound("Model version", versionId);
  const { serving, digest, lineage } = servableVersion(version);
  const job = lineage.trainingJobId === null ? null : await trainingJobOf(tx, scope, lineage.trainingJobId);
  const own = { serving, pinned: pinnedViews(lineage), digest };
  if (job) return { ...own, spec: job.spec, from: +job.from, to: +job.to };
  const spec = await pipelineOf(tx, scope, deploymentName);
  if (spec === null || lineage.trainedFrom === null || lineage.trainedTo === null) return null;
  return { ...own, spec, from: Date.parse(lineage.trainedFrom), to: Date.parse(lineage.trainedTo) };
}

async function trainingJobOf(tx: Tx, scope: Scope, jobId: string) {
  const [job] = await tx
    .select({ spec: trainingPipelines.spec, from: trainingJobs.from, to: trainingJobs.to })
    .from(trainingJobs)
    .innerJoin(trainingPipelines, eq(trainingPipelines.id, trainingJobs.pipelineId))
    .where(
      and(
        eq(trainingJobs.teamId, scope.teamId),
        eq(trainingJobs.projectId, scope.projectId),
        eq(trainingJobs.id, jobId),
      ),
    );
  return job ?? null;
}

async function pipelineOf(tx: Tx, scope: Scope, deploymentName: string): Promise<PipelineSpec | null> {
  const [pipeline] = await tx
    .select({ spec: trainingPipelines.spec })
    .from(trainingPipelines)
    .where(
      and(
        eq(trainingPipelines.teamId, scope.teamId),
        eq(trainingPipelines.projectId, scope.projectId),
        sql`${trainingPipelines.spec}->>'deploymentName' = ${deploymentName}`,
      ),
    )
    .orderBy(trainingPipelines.createdAt)
    .limit(1);
  return pipeline?.spec ?? null;
}

async function writeReference(tx: Tx, scope: Scope, deploymentId: string, columns: readonly ReferenceColumn[]) {
  if (columns.length === 0) return;
  await tx
    .insert(columnProfiles)
    .values(
      columns.map((column) => ({
        teamId: scope.teamId,
        projectId: scope.projectId,
        deploymentId,
        windowId: REFERENCE_WINDOW,
        column: column.column,
        role: column.role,
        unit: column.unit,
        profile: storedReference(column),
      })),
    )
    .onConflictDoUpdate({
      target: [
        columnProfiles.teamId,
        columnProfiles.projectId,
        columnProfiles.deploymentId,
        columnProfiles.windowId,
        columnProfiles.column,
      ],
      set: { role: sql`excluded.role`, unit: sql`excluded.unit`, profile: sql`excluded.profile` },
    });
}
