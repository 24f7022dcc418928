import type { ArtifactStore } from "@ballast/artifacts";
import { AppError, isAppError, mayDo, type Scope } from "@ballast/core";
import { type Database, modelAttestations, type SignedEnvelope, type Tx, withTenant } from "@ballast/db";
import {
  audit,
  type Installation,
  openEnvelope,
  type PublicKey,
  publicKeyOf,
  signEnvelope,
} from "@ballast/governance/server";
import { and, eq } from "drizzle-orm";
import { changedSince } from "./changed-since.ts";
import { type VersionFile, versionFacts } from "./facts.ts";
import { STATEMENT_TYPE, statementOf } from "./statement.ts";

/** One thing that was checked, in words with what was found. */
export interface AttestationCheck {
  check: "signature" | "record" | "files";
  passed: boolean;
  message: string;
}
export interface Attestation {
  versionId: string;
  keyId: string;
  envelope: SignedEnvelope;
  /** The signed statement, decoded. */
  statement: Record<string, unknown>;
  createdBy: string;
  createdAt: Date;
}

const builderOf = (key: PublicKey) => `urn:ballast:installation:${key.keyId}`;
const ofVersion = (scope: Scope, versionId: string) =>
  and(
    eq(modelAttestations.teamId, scope.teamId),
    eq(modelAttestations.projectId, scope.projectId),
    eq(modelAttestations.versionId, versionId),
  );
const decode = (envelope: SignedEnvelope) =>
  JSON.parse(Buffer.from(envelope.payload, "base64").toString("utf8")) as Record<string, unknown>;

/** The attestation of a version, or null while nobody signed one. 404 if the version is not of the project. */
export async function getAttestation(tx: Tx, scope: Scope, versionId: string): Promise<Attestation | null> {
  await versionFacts(tx, scope, versionId);
  const [row] = await tx.select().from(modelAttestations).where(ofVersion(scope, versionId));
  if (!row) return null;
  const { keyId, envelope, createdBy, createdAt } = row;
  return { versionId, keyId, envelope, statement: decode(envelope), createdBy, createdAt };
}

/**
 * Signs what is known of a version now; the first attestation stands until `replace` asks for another.
 * @throws AppError `precondition_failed` for a version without files in the store: there is no digest to sign;
 * `forbidden` to replace one without `governance.write`, as that signs away whatever changed since
 */
export async function attestVersion(
  tx: Tx,
  installation: Installation,
  scope: Scope,
  input: { versionId: string; replace?: boolean },
): Promise<Attestation> {
  const facts = await versionFacts(tx, scope, input.versionId);
  const present = await getAttestation(tx, scope, input.versionId);
  if (present && !input.replace) return present;
  if (present && !mayDo(scope.actor, "governance.write")) {
    throw new AppError("forbidden", "replace: another attestation in place of the first needs governance.write.", {
      details: { field: "replace" },
    });
  }
  if (facts.files.length === 0) {
    const message = `${facts.model.name} version ${facts.version.version} has no files in the store, so there is nothing to sign.`;
    throw new AppError("precondition_failed", message);
  }
  const key = publicKeyOf(installation);
  const envelope = signEnvelope(installation, STATEMENT_TYPE, statementOf(facts, builderOf(key)));
  const { teamId, projectId } = scope;
  const values = { keyId: key.keyId, envelope, createdBy: scope.actor.name, createdAt: new Date() };
  await tx
    .insert(modelAttestations)
    .values({ teamId, projectId, versionId: input.versionId, ...values })
    .onConflictDoUpdate({ target: modelAttestations.versionId, set: values });
  await audit(tx, scope, {
    action: "model_version.attest",
    subject: input.versionId,
    detail: { keyId: key.keyId, files: facts.files.length, replaced: present !== null },
  });
  return { versionId: input.versionId, statement: decode(envelope), ...values };
}

/**
 * Checks an attestation: that this installation signed it, that it says what the registry says now, and that the bytes in the store
 * are those it names (all of them are read). Null while there is none.
 */
export async function verifyAttestation(
  deps: { db: Database; artifacts: ArtifactStore; installation: Installation },
  scope: Scope,
  versionId: string,
): Promise<{ verified: boolean; checks: AttestationCheck[] } | null> {
  const found = await withTenant(deps.db, scope.teamId, async (tx) => {
    const attestation = await getAttestation(tx, scope, versionId);
    return attestation ? { attestation, facts: await versionFacts(tx, scope, versionId) } : null;
  });
  if (!found) return null;
  const key = publicKeyOf(deps.installation);
  const payload = openEnvelope(found.attestation.envelope, key);
  const signedFiles = filesOf(found.attestation.statement);
  const checks: AttestationCheck[] = [
    {
      check: "signature",
      passed: payload !== null,
      message: payload
        ? `Signed with this installation's key ${key.keyId.slice(0, 16)}….`
        : `Not signed with this installation's key ${key.keyId.slice(0, 16)}….`,
    },
    recordCheck(payload, statementOf(found.facts, builderOf(key))),
    await filesCheck(deps.artifacts, signedFiles),
  ];
  return { verified: checks.every(({ passed }) => passed), checks };
}

function recordCheck(payload: string | null, now: string): AttestationCheck {
  const changed = payload === null ? ["all of it"] : changedSince(JSON.parse(payload), JSON.parse(now));
  const message =
    changed.length === 0
      ? "The registry says of the version what was signed: digests, run, data, code."
      : `The registry now says something else of the version than what was signed: ${changed.join(", ")}.`;
  return { check: "record", passed: changed.length === 0, message };
}

function filesOf(statement: Record<string, unknown>): Pick<VersionFile, "path" | "digest">[] {
  const subjects = (Array.isArray(statement.subject) ? statement.subject : []) as {
    name: string;
    digest: { sha256: string };
  }[];
  return subjects.map(({ name, digest }) => ({ path: name, digest: digest.sha256 }));
}

async function filesCheck(
  artifacts: ArtifactStore,
  files: Pick<VersionFile, "path" | "digest">[],
): Promise<AttestationCheck> {
  let bytes = 0;
  for (const { path, digest } of files) {
    try {
      // The stream is verified by the store: it throws before the end when the bytes hash to something else.
      for await (const chunk of (await artifacts.open(digest)).stream) bytes += chunk.byteLength;
    } catch (error) {
      if (!isAppError(error)) throw error;
      return { check: "files", passed: false, message: `${path}: ${error.publicMessage}` };
    }
  }
  const message = `${files.length.toLocaleString("en-US")} file${files.length === 1 ? "" : "s"}, ${bytes.toLocaleString("en-US")} bytes read: every SHA-256 is the one that was signed.`;
  return { check: "files", passed: files.length > 0, message };
}
