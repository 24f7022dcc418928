import type postgres from "postgres";

/**
 * The role that web, gateway and worker use: no superuser, no BYPASSRLS, no DDL. Roles are a server's, not a database's, so of several
 * installations on one server only the first has the plain name; the others have the number of their database in it. A database goes on
 * with the role that its job queue belongs to.
 */
const APP_ROLE = "ballast_app";

async function appRoleOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql<{ role: string }[]>`
    select coalesce(
      (select o.rolname::text from pg_class c join pg_roles o on o.oid = c.relowner
        where c.relnamespace = to_regnamespace('pgboss') and c.relkind in ('r', 'p') and o.rolname ~ ${`^${APP_ROLE}(_[0-9]+)?$`} limit 1),
      (select ${`${APP_ROLE}_`} || d.oid from pg_database d where d.datname = current_database() and exists (
        select from pg_shdepend s join pg_roles r on r.oid = s.refobjid
        where s.refclassid = 'pg_authid'::regclass and r.rolname = ${APP_ROLE} and s.dbid not in (0, d.oid))),
      ${APP_ROLE}) as role`;
  return row?.role ?? APP_ROLE;
}

/**
 * Row Level Security for every table with a `team_id`, so that a new table cannot be forgotten: forced, also on the
 * owner, and keyed by the transaction's `app.team`. Idempotent; runs after each migration.
 */
const ROW_LEVEL_SECURITY = `
do $$
declare t record;
begin
  for t in
    select c.oid::regclass as name, c.relname from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'team_id' and not a.attisdropped
    where n.nspname = 'public' and c.relkind in ('r', 'p')
  loop
    execute format('alter table %s enable row level security', t.name);
    execute format('alter table %s force row level security', t.name);
    execute format('drop policy if exists tenant on %s', t.name);
    execute format(
      'create policy tenant on %s using (team_id = current_setting(''app.team'', true)) with check (team_id = current_setting(''app.team'', true))',
      t.name);
  end loop;
  alter table teams enable row level security;
  alter table teams force row level security;
  drop policy if exists tenant on teams;
  create policy tenant on teams using (id = current_setting('app.team', true)) with check (id = current_setting('app.team', true));
end $$;
`;

/**
 * The few questions asked before a tenant is known. Each is a SECURITY DEFINER function that answers one thing, so that
 * the application role never needs to see across teams.
 */
const FUNCTIONS = `
create or replace function ballast_projects() returns table (team_id text, project_id text)
  language sql stable security definer set search_path = public, pg_temp as
$$ select p.team_id, p.id from projects p $$;

-- A token of a service account acts as it: under its name, with what both may do, and not at all while it is disabled.
drop function if exists ballast_token(text);
create function ballast_token(token_hash text)
  returns table (id text, team_id text, project_id text, name text, permissions text[], expires_at timestamptz, revoked_at timestamptz,
    service_account_id text)
  language sql stable security definer set search_path = public, pg_temp as
$$ select t.id, t.team_id, t.project_id, coalesce(s.name, t.name),
    case when t.service_account_id is null then t.permissions
      else array(select unnest(t.permissions) intersect select unnest(s.permissions)) end,
    t.expires_at, coalesce(t.revoked_at, s.disabled_at), t.service_account_id
  from api_tokens t left join service_accounts s on s.team_id = t.team_id and s.id = t.service_account_id
  where t.hash = token_hash and (t.service_account_id is null or s.id is not null) $$;

create or replace function ballast_token_used(token_id text) returns void
  language sql volatile security definer set search_path = public, pg_temp as
$$ update api_tokens set last_used_at = now() where id = token_id and (last_used_at is null or last_used_at < now() - interval '1 minute') $$;

create or replace function ballast_memberships(of_user text)
  returns table (team_id text, team_slug text, team_name text, role text)
  language sql stable security definer set search_path = public, pg_temp as
$$ select t.id, t.slug, t.name, m.role from memberships m join teams t on t.id = m.team_id where m.user_id = of_user order by t.name $$;

create or replace function ballast_due_webhooks() returns table (team_id text, project_id text)
  language sql stable security definer set search_path = public, pg_temp as
$$ select distinct d.team_id, d.project_id from webhook_deliveries d where d.state = 'pending' and d.next_attempt_at <= now() $$;

create or replace function ballast_due_series(most integer) returns table (team_id text, series bigint)
  language sql stable security definer set search_path = public, pg_temp as
$$ select s.team_id, s.no from metric_series s where s.due limit most $$;

create or replace function ballast_artifacts_in_use(wanted text[]) returns table (digest text)
  language sql stable security definer set search_path = public, pg_temp as
$$
  select e.digest from artifact_entries e where e.digest = any(wanted)
  union select v.digest from model_versions v where v.digest = any(wanted)
  union select d.digest from dataset_versions d where d.digest = any(wanted)
  union select d.source_digest from dataset_versions d where d.source_digest = any(wanted)
  union select w.digest from unnest(wanted) w(digest)
    where exists (select from journal_segments s where s.files @> jsonb_build_array(jsonb_build_object('digest', w.digest)))
  union select w.digest from unnest(wanted) w(digest)
    where exists (select from runs r where (r.outputs <> '[]' or r.inputs <> '[]')
      and (r.outputs || r.inputs) @> jsonb_build_array(jsonb_build_object('kind', 'artifact', 'id', w.digest)))
  union select c.profile->'reference'->>'sampleDigest' from column_profiles c
    where c.profile->'reference'->>'sampleDigest' = any(wanted)
$$;

create or replace function ballast_forget_artifact(gone text) returns integer
  language plpgsql volatile security definer set search_path = public, pg_temp as
$$
declare owners integer;
begin
  if exists (select 1 from ballast_artifacts_in_use(array[gone])) then return -1; end if;
  delete from artifact_objects where digest = gone;
  get diagnostics owners = row_count;
  return owners;
end $$;

create or replace function ballast_team_slug_taken(wanted text) returns boolean
  language sql stable security definer set search_path = public, pg_temp as
$$ select exists (select 1 from teams where slug = wanted) $$;

create or replace function ballast_team(of_slug text) returns table (id text, name text)
  language sql stable security definer set search_path = public, pg_temp as
$$ select t.id, t.name from teams t where t.slug = of_slug $$;

create or replace function ballast_invitation(secret_hash text)
  returns table (id text, team_id text, team_slug text, team_name text, role text, email text, invited_by text,
    expires_at timestamptz, accepted_at timestamptz, revoked_at timestamptz)
  language sql stable security definer set search_path = public, pg_temp as
$$ select i.id, i.team_id, t.slug, t.name, i.role, i.email, i.invited_by, i.expires_at, i.accepted_at, i.revoked_at
  from invitations i join teams t on t.id = i.team_id where i.hash = secret_hash $$;
`;

/** Everybody with a login on the server may call a function unless told otherwise. */
const callersOfFunctions = (role: string) => `
do $$
declare f regprocedure;
begin
  for f in select p.oid from pg_proc p where p.pronamespace = 'public'::regnamespace and starts_with(p.proname, 'ballast_') loop
    execute format('revoke all on function %s from public', f);
    execute format('grant execute on function %s to ${role}', f);
  end loop;
end $$;
`;

/**
 * Row Level Security is forced, so it also binds an owner who is no superuser and may not bypass it (the owner of a database on
 * most hosted services), and with that owner the functions above, which run as it: they would find nothing, ever. Such an owner
 * may read what they read; the application role is not it and gains nothing.
 */
const OWNER_OF_FUNCTIONS = `
do $$
declare t text;
begin
  foreach t in array array['projects', 'teams', 'memberships', 'api_tokens', 'metric_series', 'webhook_deliveries',
      'artifact_entries', 'artifact_objects', 'model_versions', 'dataset_versions', 'journal_segments', 'runs', 'column_profiles', 'invitations', 'service_accounts'] loop
    execute format('drop policy if exists functions on %I', t);
    if not (select rolsuper or rolbypassrls from pg_roles where rolname = current_user) then
      execute format('create policy functions on %I to %I using (true)', t, current_user);
    end if;
  end loop;
end $$;
`;

const BUDGET_INVARIANT = `
do $$ begin
  if not exists (select 1 from pg_constraint where conname = 'budgets_never_over') then
    alter table budgets add constraint budgets_never_over
      check (committed_micros >= 0 and reserved_micros >= 0 and (not hard or committed_micros + reserved_micros <= limit_micros));
  end if;
end $$;
`;

/** Makes the application role, its rights, the policies and the functions; answers the role. `sql` must be the owner's connection. */
export async function secure(sql: postgres.Sql, appPassword: string): Promise<string> {
  const role = await appRoleOf(sql);
  await secureRole(sql, role, appPassword);
  await sql.unsafe(ROW_LEVEL_SECURITY);
  await sql.unsafe(FUNCTIONS);
  await sql.unsafe(callersOfFunctions(role));
  await sql.unsafe(OWNER_OF_FUNCTIONS);
  await sql.unsafe(BUDGET_INVARIANT);
  await sql.unsafe(`
    grant usage on schema public to ${role};
    grant select, insert, update, delete on all tables in schema public to ${role};
    grant usage, select on all sequences in schema public to ${role};
    revoke update, delete on audit_events from ${role};
    create schema if not exists pgboss;
    grant usage, create on schema pgboss to ${role};
    alter default privileges in schema pgboss grant all on tables to ${role};
    alter default privileges in schema pgboss grant all on functions to ${role};
  `);
  return role;
}

/** Makes the application role or gives it its password. Only a superuser may name SUPERUSER or BYPASSRLS of a role that is there. */
async function secureRole(sql: postgres.Sql, name: string, appPassword: string): Promise<void> {
  const literal = `'${appPassword.replaceAll("'", "''")}'`;
  const [role] = await sql<{ superior: boolean }[]>`
    select rolsuper or rolbypassrls as superior from pg_roles where rolname = ${name}`;
  if (!role) await sql.unsafe(`create role ${name} login nosuperuser nobypassrls password ${literal}`);
  else if (role.superior) await sql.unsafe(`alter role ${name} login nosuperuser nobypassrls password ${literal}`);
  else await sql.unsafe(`alter role ${name} login password ${literal}`);
}
