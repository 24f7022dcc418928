import { scanInThread } from "@ballast/artifacts/scan";
import type { ScanVerdict } from "@ballast/artifacts/server";
import { AppError, type Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { audit } from "@ballast/governance/server";

/** Findings named in the answer; the audit event has more. */
const SHOWN = 3;
const KEPT = 50;

/**
 * Scans a received file before it is stored. Null for a kind of file that holds no code.
 * @throws AppError `invalid_input` with `details.findings` for one that is refused; who sent it is in the audit log
 */
export async function inspectUpload(
  db: Database,
  scope: Scope,
  upload: { file: string; size: number; name: string; subject: string },
): Promise<ScanVerdict> {
  const verdict = await scanInThread(upload.file, upload.name);
  if (verdict === null || verdict.verdict === "clean")
    return verdict && { ...verdict, findings: verdict.findings.slice(0, KEPT) };
  const { kind, findings } = verdict;
  await withTenant(db, scope.teamId, (tx) =>
    audit(tx, scope, {
      action: "artifact.refuse",
      subject: upload.subject,
      detail: { path: upload.name, kind, findings: findings.slice(0, KEPT) },
    }),
  );
  const more = findings.length > SHOWN ? ` and ${findings.length - SHOWN} more` : "";
  throw new AppError(
    "invalid_input",
    `The file "${upload.name}" was refused (${kind}): ${findings.slice(0, SHOWN).join("; ")}${more}. Nothing was stored.`,
    { details: { field: "body", kind, findings: findings.slice(0, KEPT) } },
  );
}
