import type { Scope } from "@ballast/core";
import { likeAnywhere, type Tx } from "@ballast/db";
import { sql } from "drizzle-orm";
import type { TrashKind } from "./schemas.ts";

/** Something in the trash. */
export interface TrashItem {
  kind: TrashKind;
  id: string;
  name: string;
  /** What it belongs to: the experiment of a run, the model of a version. */
  within: string | null;
  deletedAt: Date;
  /** Runs of an experiment, versions of a model; null for the others. */
  parts: number | null;
  /** Bytes of the files it names, wherever else they are named too. */
  bytes: number;
}
export interface TrashPage {
  kinds?: TrashKind[] | undefined;
  search?: string | undefined;
  /** `next` of the page before. */
  after?: { deletedAt: Date; id: string } | undefined;
  limit: number;
}

/**
 * What is in the trash of a project, newest first. What went there with its experiment or model is counted there, not listed.
 */
export async function listTrash(
  tx: Tx,
  scope: Scope,
  page: TrashPage,
): Promise<{ items: TrashItem[]; next: TrashPage["after"] | null }> {
  const own = (alias: string) =>
    sql`${sql.raw(alias)}.team_id = ${scope.teamId} and ${sql.raw(alias)}.project_id = ${scope.projectId} and ${sql.raw(alias)}.deleted_at is not null`;
  const pattern = page.search?.trim() ? likeAnywhere(page.search.trim()) : null;
  const rows = await tx.execute<{
    kind: TrashKind;
    id: string;
    name: string;
    within: string | null;
    deleted_at: string | Date;
    parts: string | null;
    bytes: string;
  }>(sql`
    with trash as (
      select 'experiment' as kind, e.id, e.name, null as within, e.deleted_at from experiments e where ${own("e")}
      union all
      select 'run', r.id, r.name, e.name, r.deleted_at from runs r
        join experiments e on e.team_id = r.team_id and e.id = r.experiment_id
        where ${own("r")} and e.deleted_at is distinct from r.deleted_at
      union all
      select 'logged_model', m.id, m.name, e.name, m.deleted_at from logged_models m
        join experiments e on e.team_id = m.team_id and e.id = m.experiment_id
        where ${own("m")} and e.deleted_at is null
      union all
      select 'model', m.id, m.name, null, m.deleted_at from registered_models m where ${own("m")}
      union all
      select 'model_version', v.id, m.name || ' v' || v.version, m.name, v.deleted_at from model_versions v
        join registered_models m on m.team_id = v.team_id and m.id = v.model_id where ${own("v")} and m.deleted_at is null),
    shown as (
      select * from trash t where true
        ${page.kinds?.length ? sql`and t.kind in ${page.kinds}` : sql``}
        ${pattern === null ? sql`` : sql`and (t.name ilike ${pattern} or t.id ilike ${pattern} or t.within ilike ${pattern})`}
        ${page.after ? sql`and (t.deleted_at, t.id) < (${page.after.deletedAt.toISOString()}::timestamptz, ${page.after.id})` : sql``}
      order by t.deleted_at desc, t.id desc limit ${page.limit + 1})
    select s.*, case s.kind
        when 'experiment' then (select count(*) from runs r where r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId} and r.experiment_id = s.id)
        when 'model' then (select count(*) from model_versions v where v.team_id = ${scope.teamId} and v.project_id = ${scope.projectId} and v.model_id = s.id)
      end as parts,
      coalesce((select sum(a.size_bytes) from artifact_entries a
        where a.team_id = ${scope.teamId} and a.project_id = ${scope.projectId} and (a.owner_id = s.id or (s.kind = 'experiment' and a.owner_id in (
          select r.id from runs r where r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId} and r.experiment_id = s.id
          union all select m.id from logged_models m where m.team_id = ${scope.teamId} and m.project_id = ${scope.projectId} and m.experiment_id = s.id)))), 0) as bytes
    from shown s order by s.deleted_at desc, s.id desc`);
  const items = [...rows].slice(0, page.limit).map((row) => ({
    kind: row.kind,
    id: row.id,
    name: row.name,
    within: row.within,
    deletedAt: new Date(row.deleted_at),
    parts: row.parts === null ? null : Number(row.parts),
    bytes: Number(row.bytes),
  }));
  const last = items.at(-1);
  return { items, next: rows.length > page.limit && last ? { deletedAt: last.deletedAt, id: last.id } : null };
}
