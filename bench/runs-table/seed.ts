import type { TestDatabase } from "@ballast/db/testing";

export const PARAMS = 20;
export const METRICS = 30;

/** Ids of the project that an account's sign-up made. */
export async function onlyProject({ owner }: TestDatabase): Promise<{ teamId: string; projectId: string }> {
  const [row] = await owner.sql<{ team_id: string; id: string }[]>`select team_id, id from projects limit 1`;
  if (!row) throw new Error("The sign-up made no project.");
  return { teamId: row.team_id, projectId: row.id };
}

/** Runs with {@link PARAMS} parameters and {@link METRICS} metrics each, written past the services: what is measured is reading. */
export async function seedRuns(
  { owner }: TestDatabase,
  { teamId, projectId, runs }: { teamId: string; projectId: string; runs: number },
): Promise<void> {
  await owner.sql`
    insert into experiments (team_id, project_id, id, name) values (${teamId}, ${projectId}, 'exp_bench', 'sweep')`;
  await owner.sql`
    insert into runs (team_id, project_id, id, experiment_id, name, state, params, tags, inputs, outputs, code_version, created_by,
      started_at, ended_at)
    select ${teamId}, ${projectId}, 'run_' || lpad(i::text, 8, '0'), 'exp_bench', 'trial-' || i,
      (array['finished', 'finished', 'finished', 'failed', 'killed'])[1 + i % 5],
      (select jsonb_object_agg('param_' || lpad(p::text, 2, '0'),
        case p % 3 when 0 then (array['adam', 'sgd', 'lamb'])[1 + (i * p) % 3]
          when 1 then ((i * 7 + p * 13) % 64)::text else (((i * 31 + p * 17) % 1000) / 1000.0)::text end)
        from generate_series(1, ${PARAMS}::int) p),
      jsonb_build_object('mlflow.user', (array['ada', 'grace', 'edsger'])[1 + i % 3], 'sweep', 'night-' || i % 12),
      '[]', '[]', 'git:' || md5((i % 40)::text), 'bench',
      now() - i * interval '3 minutes', now() - i * interval '3 minutes' + (20 + i % 300) * interval '1 second'
    from generate_series(1, ${runs}::int) i`;
  await owner.sql`
    insert into metric_series (team_id, project_id, run_id, key, last_step, last_at, last, least, greatest, first_step, received)
    select ${teamId}, ${projectId}, 'run_' || lpad(i::text, 8, '0'), 'metric_' || lpad(m::text, 2, '0'), 100,
      extract(epoch from now()) * 1000, v, v * 0.9, v * 1.1, 0, 101
    from generate_series(1, ${runs}::int) i, generate_series(1, ${METRICS}::int) m,
      lateral (select case when (i * m) % 997 = 0 then 'NaN'::float8 else ((i * 7919 + m * 104729) % 100003) / 100003.0 end as v) x`;
  await owner.sql`analyze runs, metric_series`;
}
