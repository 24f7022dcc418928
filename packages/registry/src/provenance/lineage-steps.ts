import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import { type SQL, sql } from "drizzle-orm";
import type { LineageKind, LineageRef } from "./lineage-nodes.ts";

export interface Step {
  at: LineageRef;
  found: LineageRef;
}
type Direction = "upstream" | "downstream";

/** Arrows of one kind, from where something comes to what is made of it. Texts are SQL. */
interface Arrows {
  origin: LineageKind;
  use: LineageKind;
  /** The ids of both ends in a row of `rows`. An origin that is gone or of another project has no name, and is not shown. */
  ids: { origin: string; use: string };
  /** What stands after FROM. */
  rows: string;
  /** The alias in `rows` whose team and project count. */
  of: string;
  where?: string | Record<Direction, string>;
}

const intoVersion = (origin: LineageKind, id: string, more = ""): Arrows => ({
  ...{ origin, use: "model_version", ids: { origin: id, use: "v.id" }, rows: `model_versions v${more}`, of: "v" },
});
const inputOfRun = (origin: LineageKind): Arrows => ({
  ...{ origin, use: "run", ids: { origin: "i->>'id'", use: "r.id" } },
  ...{ rows: "runs r, jsonb_array_elements(r.inputs) i", of: "r" },
  where: {
    upstream: `i->>'kind' = '${origin}'`,
    downstream: `i->>'kind' = '${origin}' and r.deleted_at is null`,
  },
});
const linkedToRun = (origin: LineageKind, link: "input_dataset" | "input_model"): Arrows => ({
  ...{ origin, use: "run", ids: { origin: "l.target_id", use: "l.run_id" } },
  ...{ rows: "run_links l", of: "l", where: `l.kind = '${link}'` },
});

const SERVES =
  "v.id = d.routing->>'champion' or v.id = d.routing->'candidate'->>'versionId' or d.routing->'shadows' ? v.id";

const ARROWS: readonly Arrows[] = [
  intoVersion("run", "v.lineage->>'runId'"),
  intoVersion("logged_model", "v.logged_model_id"),
  intoVersion("feature_view", "f->>'id'", ", jsonb_array_elements(v.lineage->'featureViews') f"),
  intoVersion("dataset_version", "d->>'id'", ", jsonb_array_elements(v.lineage->'datasetVersions') d"),
  {
    ...{ origin: "run", use: "logged_model", ids: { origin: "m.source_run_id", use: "m.id" } },
    ...{ rows: "logged_models m", of: "m" },
  },
  inputOfRun("dataset_version"),
  inputOfRun("stream"),
  inputOfRun("feature_view"),
  inputOfRun("model_version"),
  linkedToRun("tracked_dataset", "input_dataset"),
  linkedToRun("logged_model", "input_model"),
  {
    ...{ origin: "stream", use: "feature_view", ids: { origin: "f.definition->>'source'", use: "f.id" } },
    ...{ rows: "feature_views f", of: "f" },
  },
  {
    ...{ origin: "model_version", use: "deployment", ids: { origin: "v.id", use: "d.id" } },
    rows: "model_versions v join deployments d on d.team_id = v.team_id and d.project_id = v.project_id",
    of: "v",
    where: {
      upstream: `(${SERVES})`,
      // A version also leads to where it was rolled out once; a deployment comes from what it serves.
      downstream: `(${SERVES} or exists (select 1 from rollouts r
        where r.team_id = d.team_id and r.deployment_id = d.id and r.candidate_id = v.id))`,
    },
  },
];

/** (at, id) pairs of the arrows that end (upstream) or start (downstream) at one of `ids`. */
function pairs({ ids, rows, of, where }: Arrows, scope: Scope, direction: Direction, at: string[]): SQL {
  const [here, there] = direction === "upstream" ? [ids.use, ids.origin] : [ids.origin, ids.use];
  const more = typeof where === "object" ? where[direction] : where;
  return sql`
    select ${sql.raw(`${here} as at, ${there} as id from ${rows}`)}
    where ${sql.raw(of)}.team_id = ${scope.teamId} and ${sql.raw(of)}.project_id = ${scope.projectId}
      and ${sql.raw(here)} in ${at} and ${sql.raw(there)} is not null ${more ? sql.raw(`and ${more}`) : sql``}`;
}

/** The next things in a direction, for a layer of the graph: one query per kind of arrow. */
export async function stepsFrom(tx: Tx, scope: Scope, layer: LineageRef[], direction: Direction): Promise<Step[]> {
  const steps: Step[] = [];
  for (const arrows of ARROWS) {
    const [here, there] = direction === "upstream" ? [arrows.use, arrows.origin] : [arrows.origin, arrows.use];
    const ids = layer.filter(({ kind }) => kind === here).map(({ id }) => id);
    if (ids.length === 0) continue;
    const rows = await tx.execute<{ at: string; id: string }>(pairs(arrows, scope, direction, ids));
    for (const { at, id } of rows) steps.push({ at: { kind: here, id: at }, found: { kind: there, id } });
  }
  return steps;
}
