import type { Scope } from "@ballast/core";
import { runLinks, runs, type Tx, trackedDatasets } from "@ballast/db";
import { sql } from "drizzle-orm";
import { textArray } from "./pg-arrays.ts";

/** A dataset that active runs of an experiment read. */
export interface DatasetSummary {
  experimentId: string;
  name: string;
  digest: string;
  /** What it was read for (`mlflow.data.context`); empty where nobody said. */
  context: string;
}

const MOST_SUMMARIES = 1_000;

/** The datasets of some experiments by name, each once per experiment and context; at most 1,000. */
export async function datasetSummaries(
  tx: Tx,
  scope: Scope,
  experimentIds: readonly string[],
): Promise<DatasetSummary[]> {
  const rows = await tx.execute<{ experiment: string; name: string; digest: string; context: string }>(sql`
    select distinct r.experiment_id as experiment, d.name, d.digest, coalesce(l.tags ->> 'mlflow.data.context', '') as context
    from ${runs} r
    join ${runLinks} l on l.team_id = r.team_id and l.project_id = r.project_id and l.run_id = r.id
    join ${trackedDatasets} d on d.team_id = l.team_id and d.id = l.target_id
    where r.team_id = ${scope.teamId} and r.project_id = ${scope.projectId} and r.deleted_at is null
      and r.experiment_id = any(${textArray(experimentIds)}) and l.kind = 'input_dataset'
    order by d.name, d.digest, context, experiment limit ${MOST_SUMMARIES}`);
  return rows.map(({ experiment, ...row }) => ({ experimentId: experiment, ...row }));
}
