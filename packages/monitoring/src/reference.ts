import type { ArtifactStore } from "@ballast/artifacts";
import type { Scope } from "@ballast/core";
import { columnProfiles, type Tx } from "@ballast/db";
import type { ColumnProfile, SizedLimit } from "@ballast/statistics";
import { and, eq } from "drizzle-orm";
import type { ColumnKind, ColumnRole, Side } from "./observed-column.ts";

/** The window id under which a deployment's baseline is kept. */
export const REFERENCE_WINDOW = "reference";

/** What the baseline of a column rests on. */
interface ReferenceSource {
  versionId: string;
  /** Event-time range of its rows, ISO. */
  from: string;
  to: string;
  rows: number;
  /** Rows per day-block that limits were calibrated on. */
  blockRows: number;
}

/** A column's baseline: its profile, the limits calibrated on it, and a sample in the artifact store. */
export interface ReferenceColumn {
  column: string;
  role: ColumnRole;
  kind: ColumnKind;
  unit: string | null;
  profile: ColumnProfile;
  /** By test id, of windows of several sizes, ascending. */
  limits: Record<string, SizedLimit[]>;
  sampleDigest: string | null;
  source: ReferenceSource;
}

type Stored = ColumnProfile & {
  reference: Pick<ReferenceColumn, "sampleDigest" | "source"> & { limits: Record<string, SizedLimit[] | OldLimit> };
};
/** Before sizes were told apart a test had one limit, which windows of every size were held against. */
type OldLimit = Omit<SizedLimit, "rows">;

/** The row of `column_profiles` a baseline is kept in: the profile itself, and beside its fields the rest under `reference`. */
export function storedReference(column: ReferenceColumn): Record<string, unknown> {
  const { profile, limits, sampleDigest, source } = column;
  return { ...profile, reference: { limits, sampleDigest, source } };
}

/** The deployment's baseline, by column; empty before its first champion. */
export async function readReference(tx: Tx, scope: Scope, deploymentId: string): Promise<ReferenceColumn[]> {
  const rows = await tx
    .select()
    .from(columnProfiles)
    .where(
      and(
        eq(columnProfiles.teamId, scope.teamId),
        eq(columnProfiles.projectId, scope.projectId),
        eq(columnProfiles.deploymentId, deploymentId),
        eq(columnProfiles.windowId, REFERENCE_WINDOW),
      ),
    );
  return rows.map(({ column, role, unit, profile: stored }) => {
    const { reference, ...profile } = stored as unknown as Stored;
    const limits = Object.fromEntries(
      Object.entries(reference.limits).map(([test, limit]) => [
        test,
        Array.isArray(limit) ? limit : [{ rows: 0, ...limit }],
      ]),
    );
    return { column, role, unit, kind: profile.kind, profile: profile as ColumnProfile, ...reference, limits };
  });
}

/** Samples by digest: content-addressed, so what is here never grows stale. Small: a few dozen columns. */
const samples = new Map<string, Float64Array>();
const MOST_SAMPLES = 256;

/** Baseline as one side of a comparison. The sample is read once per process. */
export async function referenceSide(artifacts: ArtifactStore, column: ReferenceColumn): Promise<Side> {
  const { profile, sampleDigest } = column;
  if (sampleDigest === null) return { profile };
  let sample = samples.get(sampleDigest);
  if (sample === undefined) {
    const bytes = await artifacts.get(sampleDigest);
    sample = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    if (samples.size >= MOST_SAMPLES) samples.clear();
    samples.set(sampleDigest, sample);
  }
  return { profile, sample };
}

/** Keeps a sample as an artifact: float64, little-endian, ascending. */
export async function storeSample(artifacts: ArtifactStore, sample: Float64Array): Promise<string> {
  const bytes = new Uint8Array(sample.buffer, sample.byteOffset, sample.byteLength);
  const { digest } = await artifacts.put(bytes);
  return digest;
}
