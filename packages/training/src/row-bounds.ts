import { DAY_MS, type Scope } from "@ballast/core";
import { datasets, datasetVersions, incidents, type PipelineSpec, type Tx } from "@ballast/db";
import { and, desc, eq, sql } from "drizzle-orm";

/** Most rows a pipeline can find with a label known in (from, to]. */
export type CountRows = (tx: Tx, scope: Scope, query: { spec: PipelineSpec; from: Date; to: Date }) => Promise<number>;

/** A stretch of event time whose rows nobody may train on for now. */
export interface BlockedRange {
  incidentId: string;
  title: string;
  from: Date;
  /** Null while it goes on. */
  to: Date | null;
}
export type BlockedRanges = (tx: Tx, scope: Scope) => Promise<BlockedRange[]>;

/** How long after a row's event time its label may be known, where a file does not say: a flight lands within two days. */
const LABEL_LAG_MS = 2 * DAY_MS;

/**
 * An upper bound from metadata alone, so that asking costs no scan: the whole newest accepted version of the dataset where it
 * overlaps the range, and every stream file that does (by its range of `knownAt` where the compaction noted one). Rows counted twice
 * make the reservation larger, never the charge.
 */
export const countRowsAtMost: CountRows = async (tx, scope, { spec, from, to }) => {
  const earliest = new Date(from.getTime() - LABEL_LAG_MS);
  const [version] = await tx
    .select({ rows: datasetVersions.rows, from: datasetVersions.from, to: datasetVersions.to })
    .from(datasetVersions)
    .innerJoin(datasets, and(eq(datasets.teamId, datasetVersions.teamId), eq(datasets.id, datasetVersions.datasetId)))
    .where(
      and(
        eq(datasetVersions.teamId, scope.teamId),
        eq(datasetVersions.projectId, scope.projectId),
        eq(datasets.name, spec.dataset),
        eq(datasetVersions.state, "accepted"),
      ),
    )
    .orderBy(desc(datasetVersions.version))
    .limit(1);
  const overlaps =
    version && (version.to === null || version.to >= earliest) && (version.from === null || version.from <= to);
  const stream = await tx.execute<{ rows: string }>(sql`
    select coalesce(sum((file ->> 'rows')::bigint), 0) as rows
    from journal_segments s, jsonb_array_elements(s.files) file
    where s.team_id = ${scope.teamId} and s.project_id = ${scope.projectId}
      and s.last_time is not null and file ->> 'kind' = 'source_rows' and file ->> 'source' = ${spec.source}
      and coalesce((file -> 'ranges' -> ${spec.knownAt}::text ->> 1)::double precision,
                   (file ->> 'maxTime')::double precision + ${LABEL_LAG_MS}::double precision) >= ${from.getTime()}::double precision
      and coalesce(file -> 'ranges' -> ${spec.knownAt}::text ->> 0, file ->> 'minTime')::double precision <= ${to.getTime()}::double precision`);
  return (overlaps ? (version.rows ?? 0) : 0) + Number(stream[0]?.rows ?? 0);
};

/** Rows since a unit changed, until someone has resolved or dismissed the incident. */
export const openUnitIncidents: BlockedRanges = async (tx, scope) => {
  const rows = await tx
    .select({ incidentId: incidents.id, title: incidents.title, from: incidents.since })
    .from(incidents)
    .where(
      and(
        eq(incidents.teamId, scope.teamId),
        eq(incidents.projectId, scope.projectId),
        eq(incidents.kind, "unit_change"),
        eq(incidents.state, "open"),
      ),
    );
  return rows.map((row) => ({ ...row, to: null }));
};

/** The first blocked range that shares a moment with (from, to]; null when none does. Pure. */
export function firstBlocked(ranges: readonly BlockedRange[], from: Date, to: Date): BlockedRange | null {
  return ranges.find((r) => r.from <= to && (r.to === null || r.to > from)) ?? null;
}
