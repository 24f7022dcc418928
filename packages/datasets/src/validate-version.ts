import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isAppError, type Scope } from "@ballast/core";
import { type DataContract, datasetVersions, emit, type Tx, type ValidationReport, withTenant } from "@ballast/db";
import { audit } from "@ballast/governance/server";
import { and, eq, sql } from "drizzle-orm";
import { checkContract, inferContract } from "./contract.ts";
import { acceptedVersions, type DatasetVersion, getDatasetVersion } from "./dataset-versions.ts";
import { identifier, literal } from "./duck/sql-text.ts";
import type { LogDeps } from "./log/compact-segment.ts";
import { measureTable } from "./measure-table.ts";
import { normaliseTime } from "./normalise-time.ts";
import { readSource, reason, UnreadableFile } from "./read-source.ts";

interface Verdict {
  state: "accepted" | "refused";
  report: ValidationReport;
  contract: DataContract | null;
  digest: string | null;
  from: number | null;
  to: number | null;
}

/**
 * Validates a version that waits: reads the received file, normalises its times, holds it against the contract of the
 * dataset's newest accepted version (or infers one), stores the normalised Parquet and decides. A file that can't be
 * read, or fits no contract, is refused with a report. Done once: a version that is decided is given back as it is.
 * Throws `not_found`, and whatever kept it from deciding (a full disk), so that the job runs again; after
 * {@link MOST_ATTEMPTS} of these it is refused with the last reason.
 */
export async function validateDatasetVersion(deps: LogDeps, scope: Scope, versionId: string): Promise<DatasetVersion> {
  const { version, earlier } = await withTenant(deps.db, scope.teamId, async (tx) => {
    const found = await getDatasetVersion(tx, scope, versionId);
    return { version: found, earlier: (await acceptedVersions(tx, scope, found.datasetId, found.id))[0] ?? null };
  });
  if (version.state !== "validating") return version;
  const attempt = await withTenant(deps.db, scope.teamId, (tx) => countAttempt(tx, scope, version.id));
  const verdict = await judge(deps, version, earlier?.contract ?? null).catch((error: unknown) => {
    if (attempt < MOST_ATTEMPTS) throw error;
    const note = `It could not be validated in ${attempt} attempts: ${error instanceof Error ? error.message : String(error)}`;
    return refused({ rows: 0, checks: [], notes: [note] });
  });
  return withTenant(deps.db, scope.teamId, (tx) => decide(tx, scope, version, verdict));
}

/** A file that always runs out of memory, or kills the process that reads it, must not be read for ever. */
const MOST_ATTEMPTS = 8;

/** Counted before the work, so that an attempt that ends the process counts too. */
async function countAttempt(tx: Tx, scope: Scope, versionId: string): Promise<number> {
  const [row] = await tx
    .update(datasetVersions)
    .set({ attempts: sql`${datasetVersions.attempts} + 1` })
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        eq(datasetVersions.id, versionId),
      ),
    )
    .returning({ attempts: datasetVersions.attempts });
  return row?.attempts ?? 1;
}

async function judge(deps: LogDeps, version: DatasetVersion, held: DataContract | null): Promise<Verdict> {
  const [path = ""] = await deps.artifacts.localPaths([version.sourceDigest]);
  try {
    return await deps.duck.session(async (session) => {
      const { relation } = await readSource(session, path);
      const table = await normaliseTime(session, relation, version.time);
      const folder = join(deps.artifacts.root, "normalising");
      await mkdir(folder, { recursive: true });
      const file = join(folder, `${randomBytes(12).toString("hex")}.parquet`);
      try {
        await session.run(`COPY ${table.relation} TO ${literal(file)} (FORMAT parquet, COMPRESSION zstd)`);
        const stored = `read_parquet(${literal([file])})`;
        const types = Object.fromEntries(table.moments.map((name) => [name, "timestamp" as const]));
        const stats = await measureTable(session, stored, held, types);
        const contract = held ?? inferContract(stats, version.declaredUnits);
        const checks = checkContract(contract, stats, version.declaredUnits);
        const notes = [
          ...table.notes,
          contractNote(
            held,
            checks.every((c) => c.passed),
          ),
        ];
        const report = { rows: stats.rows, checks, notes };
        if (checks.some((check) => !check.passed)) return refused(report);
        const { digest } = await deps.artifacts.put(createReadStream(file));
        const [range] = table.utc
          ? await session.all<{ from: number; to: number }>(
              `SELECT min(${identifier(table.utc)}) AS "from", max(${identifier(table.utc)}) AS "to" FROM ${stored}`,
            )
          : [];
        return { state: "accepted", report, contract, digest, from: range?.from ?? null, to: range?.to ?? null };
      } finally {
        await rm(file, { force: true });
      }
    });
  } catch (error) {
    // What the platform could not do (storage, an outage) is no fault of the file.
    if (isAppError(error) || !isFault(error)) throw error;
    return refused({
      rows: 0,
      checks: [],
      notes: [error instanceof UnreadableFile ? error.message : reason(error, path)],
    });
  }
}

/** Errors that the file's own bytes cause: ours, and DuckDB's about data. */
function isFault(error: unknown): boolean {
  if (error instanceof UnreadableFile) return true;
  return error instanceof Error && /^(Conversion|Invalid Input|Out of Range|Parser|Binder) Error/.test(error.message);
}

function contractNote(held: DataContract | null, passed: boolean): string {
  if (held === null) return "First version: its contract was inferred from it.";
  return passed ? "Held against the contract of the version before." : "It breaks the contract of the version before.";
}

function refused(report: ValidationReport): Verdict {
  const { rows, checks } = report;
  const hopeless = rows > 0 && checks.some((check) => !check.passed && check.failingRows >= rows);
  const notes = hopeless
    ? [...report.notes, "At least one check fails on every row: the contract fits no row of this file."]
    : report.notes;
  return { state: "refused", report: { ...report, notes }, contract: null, digest: null, from: null, to: null };
}

async function decide(
  tx: Tx,
  scope: Scope,
  version: DatasetVersion & { dataset: string },
  verdict: Verdict,
): Promise<DatasetVersion> {
  const [row] = await tx
    .update(datasetVersions)
    .set({
      state: verdict.state,
      report: verdict.report,
      contract: verdict.contract,
      digest: verdict.digest,
      rows: verdict.report.rows,
      from: verdict.from === null ? null : new Date(verdict.from),
      to: verdict.to === null ? null : new Date(verdict.to),
    })
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        eq(datasetVersions.id, version.id),
        eq(datasetVersions.state, "validating"),
      ),
    )
    .returning();
  // Another worker was faster: its verdict stands.
  if (row === undefined) return getDatasetVersion(tx, scope, version.id);
  const label = `${version.dataset} v${version.version}`;
  const { rows, checks, notes } = verdict.report;
  const failed = checks.filter((check) => !check.passed);
  const why = failed.length > 0 ? failed.map((c) => `${c.column ?? "table"}: ${c.message}`).join(" ") : notes.join(" ");
  await emit(tx, scope, {
    name: verdict.state === "accepted" ? "dataset_version.accepted" : "dataset_version.refused",
    subject: version.id,
    summary:
      verdict.state === "accepted"
        ? `${label} accepted: ${rows.toLocaleString("en-US")} rows, ${verdict.contract?.columns.length ?? 0} columns under contract`
        : `${label} refused: ${why}`.slice(0, 500),
    data: { dataset: version.dataset, version: version.version, rows, failedChecks: failed.length },
    eventTime: row.to,
  });
  await audit(tx, scope, {
    action: verdict.state === "accepted" ? "dataset_version.accept" : "dataset_version.refuse",
    subject: version.id,
    detail: { dataset: version.dataset, version: version.version, rows, failed: failed.slice(0, 20) },
  });
  return row;
}
