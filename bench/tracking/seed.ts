/** Fills both stores with the same runs and histories, by SQL: what is measured is reading them. */
import type { Database } from "@ballast/db";

export interface OwnPlace {
  /** As the owner of the database. */
  database: Database;
  teamId: string;
  projectId: string;
  experimentId: string;
}

const KEYS = ["auc", "loss", "f1", "precision", "recall"];
/** Of run i and metric k, in [0, 1). */
const VALUE = "((i * 7919 + k * 104729) % 1000003) / 1000003.0";
const START = 1_764_000_000_000;

/** Ended runs with five metrics, three parameters and four tags each. */
export async function seedOwnRuns(place: OwnPlace, runs: number): Promise<void> {
  const { database, teamId, projectId, experimentId } = place;
  await database.sql.unsafe(
    `insert into runs (team_id, project_id, id, experiment_id, name, state, params, tags, inputs, outputs, code_version, created_by,
       started_at, ended_at)
     select $1, $2, 'run_' || lpad(i::text, 19, '0'), $3, 'run ' || i, 'finished',
       jsonb_build_object('depth', (i % 9)::text, 'rate', (i % 100)::text, 'seed', i::text),
       jsonb_build_object('mlflow.user', 'bench', 'mlflow.source.name', 'train.py', 'mlflow.source.type', 'LOCAL', 'mlflow.runName', 'run ' || i),
       '[]', '[]', '', 'bench', to_timestamp(${START / 1000} + i), to_timestamp(${START / 1000} + i + 60)
     from generate_series(1, ${runs}) i`,
    [teamId, projectId, experimentId],
  );
  await database.sql.unsafe(
    `insert into metric_series (team_id, project_id, run_id, key, last_step, last_at, last, least, greatest, first_step, received)
     select $1, $2, 'run_' || lpad(i::text, 19, '0'), key, 0, ${START} + i, ${VALUE}, ${VALUE}, ${VALUE}, 0, 1
     from generate_series(1, ${runs}) i, unnest($3::text[]) with ordinality as m(key, k)`,
    [teamId, projectId, KEYS],
  );
  await database.sql.unsafe("analyze runs, metric_series");
}

export async function seedPeerRuns(database: Database, experimentId: string, runs: number): Promise<void> {
  const id = "lpad(to_hex(i), 32, '0')";
  const each = `from generate_series(1, ${runs}) i`;
  const { sql } = database;
  await sql.unsafe(
    `insert into runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,
       lifecycle_stage, artifact_uri, experiment_id)
     select ${id}, 'run ' || i, 'UNKNOWN', '', '', 'bench', 'FINISHED', ${START} + i * 1000, ${START} + i * 1000 + 60000, '', 'active',
       'mlflow-artifacts:/${experimentId}/' || ${id} || '/artifacts', ${experimentId} ${each}`,
  );
  const metrics = `select key, ${VALUE}, ${START} + i, 0, false, ${id} ${each}, unnest($1::text[]) with ordinality as m(key, k)`;
  await sql.unsafe(`insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) ${metrics}`, [KEYS]);
  await sql.unsafe(`insert into metrics (key, value, timestamp, step, is_nan, run_uuid) ${metrics}`, [KEYS]);
  const params = "(values ('depth', (i % 9)::text), ('rate', (i % 100)::text), ('seed', i::text)) p(key, value)";
  await sql.unsafe(`insert into params (key, value, run_uuid) select p.key, p.value, ${id} ${each}, lateral ${params}`);
  const tags =
    "(values ('mlflow.user', 'bench'), ('mlflow.source.name', 'train.py'), ('mlflow.source.type', 'LOCAL'), ('mlflow.runName', 'run ' || i)) t(key, value)";
  await sql.unsafe(`insert into tags (key, value, run_uuid) select t.key, t.value, ${id} ${each}, lateral ${tags}`);
  await sql.unsafe("analyze runs, latest_metrics, metrics, params, tags");
}

/** A history of `points` points at steps 0, 1, … of one metric of one run. */
export async function seedOwnHistory(place: OwnPlace, runId: string, key: string, points: number): Promise<void> {
  const { database, teamId, projectId } = place;
  await database.sql.unsafe(
    `with s as (insert into metric_series (team_id, project_id, run_id, key, last_step, last_at, last, least, greatest, first_step, received)
       values ($1, $2, $3, $4, ${points - 1}, ${START + points - 1}, 0.5, 0, 1, 0, ${points}) returning no)
     insert into metric_points (team_id, series, step, at, value)
     select $1, s.no, i, ${START} + i, (i * 7919 % 1000003) / 1000003.0 from s, generate_series(0, ${points - 1}) i`,
    [teamId, projectId, runId, key],
  );
}

export async function seedPeerHistory(database: Database, runId: string, key: string, points: number): Promise<void> {
  await database.sql.unsafe(
    `insert into metrics (key, value, timestamp, step, is_nan, run_uuid)
     select $2, (i * 7919 % 1000003) / 1000003.0, ${START} + i, i, false, $1 from generate_series(0, ${points - 1}) i`,
    [runId, key],
  );
  await database.sql.unsafe(
    `insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid)
     values ($2, 0.5, ${START + points - 1}, ${points - 1}, false, $1)`,
    [runId, key],
  );
  await database.sql.unsafe("analyze metrics, latest_metrics");
}
