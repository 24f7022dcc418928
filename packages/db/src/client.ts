import type { DomainEventName, Scope } from "@ballast/core";
import { sql } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import * as schema from "./schema/index.ts";

type Drizzle = PostgresJsDatabase<typeof schema>;
/** A transaction in which `app.team` is set: Row Level Security shows this team's rows and no others. */
export type Tx = Parameters<Parameters<Drizzle["transaction"]>[0]>[0];

export interface Database {
  sql: postgres.Sql;
  drizzle: Drizzle;
  /** The same connections; statements stay prepared, as {@link DatabaseOptions.prepare} says. */
  prepared: Drizzle;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Connections of the pool. */
  max?: number;
  /**
   * Keeps statements prepared: one round trip instead of two, and one plan per connection instead of one per query. For a
   * process that runs the same few statements over and over.
   */
  prepare?: boolean;
}

/** Opens a pool as the role in `url`. The application role has no BYPASSRLS. */
export function createDatabase(url: string, options: DatabaseOptions = {}): Database {
  const client = postgres(url, { max: options.max ?? 8, onnotice: () => {}, connect_timeout: 10 });
  const prepared = drizzle(preparing(client), { schema });
  const plain = options.prepare ? prepared : drizzle(client, { schema });
  return { sql: client, drizzle: plain, prepared, close: () => client.end({ timeout: 5 }) };
}

/** A statement of more values is an insert or a list of varying length: every length would stay a plan of its own. */
const MOST_PREPARED_VALUES = 40;

/** drizzle asks for unnamed statements; here those of few values get names. */
function preparing<S extends postgres.ISql>(client: S): S {
  return new Proxy(client, {
    get(target, key) {
      if (key === "unsafe") {
        const unsafe: S["unsafe"] = (query, values, options) =>
          target.unsafe(query, values, { ...options, prepare: (values?.length ?? 0) <= MOST_PREPARED_VALUES });
        return unsafe;
      }
      const value: unknown = Reflect.get(target, key);
      if ((key !== "begin" && key !== "savepoint") || typeof value !== "function") return value;
      return (work: (client: postgres.TransactionSql) => unknown) =>
        value((inner: postgres.TransactionSql) => work(preparing(inner)));
    },
  });
}

/** Runs `fn` in a transaction that sees and writes only the team's rows. */
export function withTenant<T>(db: Pick<Database, "drizzle">, teamId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return db.drizzle.transaction((tx) => asTeam(tx, teamId, fn));
}

/**
 * Runs `fn` in a transaction that sees the team's rows as they are at one moment, whatever commits meanwhile, and writes nothing: for
 * answers whose parts must fit together. In {@link withTenant} each statement sees what was committed when it began.
 */
export function readTenant<T>(db: Pick<Database, "drizzle">, teamId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  return db.drizzle.transaction((tx) => asTeam(tx, teamId, fn), {
    isolationLevel: "repeatable read",
    accessMode: "read only",
  });
}

async function asTeam<T>(tx: Tx, teamId: string, fn: (tx: Tx) => Promise<T>): Promise<T> {
  // Awaited: drizzle starts a query when it is awaited, so a pipelined set_config could be overtaken by the first query.
  await tx.execute(sql`select set_config('app.team', ${teamId}, true)`);
  return fn(tx);
}

/** Every project of every team, as a process that works for all of them looks for them. */
export async function allProjects(db: Pick<Database, "sql">): Promise<Pick<Scope, "teamId" | "projectId">[]> {
  const rows = await db.sql<
    { team_id: string; project_id: string }[]
  >`select team_id, project_id from ballast_projects()`;
  return rows.map(({ team_id, project_id }) => ({ teamId: team_id, projectId: project_id }));
}

export interface NewEvent {
  name: DomainEventName;
  subject: string;
  summary: string;
  data?: Record<string, unknown>;
  eventTime?: Date | null;
}

/**
 * Writes a domain event in the caller's transaction, with a delivery for every webhook that wants it, and wakes who handles them when
 * that commits.
 */
export async function emit(tx: Tx, scope: Pick<Scope, "teamId" | "projectId">, event: NewEvent): Promise<void> {
  const [made] = await tx
    .insert(schema.domainEvents)
    .values({
      teamId: scope.teamId,
      projectId: scope.projectId,
      name: event.name,
      subject: event.subject,
      summary: event.summary,
      data: event.data ?? {},
      eventTime: event.eventTime ?? null,
      // When its id is drawn, not when the transaction began: readers tell by it which ids no open transaction can hold any more.
      at: sql`clock_timestamp()`,
    })
    .returning({ id: schema.domainEvents.id });
  const key = `${scope.teamId}/${scope.projectId}`;
  // One round trip for deliveries and wake-ups: events are written on the loop's busiest paths.
  await tx.execute(sql`
    with made as (
      insert into webhook_deliveries (team_id, project_id, id, webhook_id, event_id, event_name, state)
      select w.team_id, w.project_id, 'whd_' || replace(gen_random_uuid()::text, '-', ''), w.id, ${made?.id ?? null}::bigint, ${event.name}, 'pending'
      from webhooks w
      where w.team_id = ${scope.teamId} and w.project_id = ${scope.projectId} and w.state = 'active' and w.deleted_at is null
        and (${event.name} = any(w.events) or '*' = any(w.events))
      returning 1)
    select pg_notify('ballast_events', ${key}), (select pg_notify('ballast_webhooks', ${key}) from made limit 1)`);
}

export type Channel =
  | "ballast_events"
  | "ballast_segments"
  | "ballast_routes"
  | "ballast_tokens"
  | "ballast_webhooks"
  | "ballast_retention";

/** Sends a NOTIFY when the transaction commits. */
export async function notify(tx: Tx, channel: Channel, payload: string): Promise<void> {
  await tx.execute(sql`select pg_notify(${channel}, ${payload})`);
}

/** Listens on a channel; reconnects by itself and calls `onListen` after every (re)connect, to look for what was missed. */
export async function listen(
  db: Database,
  channel: Channel,
  handler: (payload: string) => void,
  onListen?: () => void,
): Promise<() => Promise<void>> {
  const subscription = await db.sql.listen(channel, handler, onListen);
  return () => subscription.unlisten();
}
