import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { newId, PLATFORM, type Scope } from "@ballast/core";
import { createDatabase, type Database, withTenant } from "./client.ts";
import { type EmbeddedPostgres, startEmbedded } from "./embedded.ts";
import { migrate } from "./migrate.ts";
import * as schema from "./schema/index.ts";

export interface TestDatabase {
  /** As the application role: Row Level Security applies. */
  db: Database;
  /** As the owner, for looking behind the policies. */
  owner: Database;
  ownerUrl: string;
  appUrl: string;
  postgres: EmbeddedPostgres;
  /** A new team with a new project, acting as the platform. */
  newScope(): Promise<Scope>;
  close(): Promise<void>;
}

/**
 * A real PostgreSQL of its own in a temporary folder, migrated. Durability is off, as nothing in it must survive, unless a measurement
 * asks for the settings that an installation has.
 */
export async function testDatabase(options: { durable?: boolean } = {}): Promise<TestDatabase> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "ballast-test-"));
  fs.chmodSync(base, 0o755);
  const password = randomBytes(12).toString("hex");
  const settings = options.durable ? [] : ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];
  const server = await startEmbedded({ dataDir: path.join(base, "postgres"), password, settings });
  const ownerUrl = `postgres://postgres:${password}@127.0.0.1:${server.port}/postgres`;
  const { appUrl } = await migrate(ownerUrl, password);
  const db = createDatabase(appUrl);
  const owner = createDatabase(ownerUrl, { max: 2 });
  return {
    db,
    owner,
    ownerUrl,
    appUrl,
    postgres: server,
    newScope: () => newScope(db),
    close: async () => {
      await Promise.all([db.close(), owner.close()]);
      await server.stop();
      fs.rmSync(base, { recursive: true, force: true });
    },
  };
}

async function newScope(db: Database): Promise<Scope> {
  const scope: Scope = { teamId: newId("team"), projectId: newId("project"), actor: PLATFORM };
  await withTenant(db, scope.teamId, async (tx) => {
    await tx.insert(schema.teams).values({ id: scope.teamId, slug: scope.teamId.slice(-10), name: "Test team" });
    await tx
      .insert(schema.projects)
      .values({ id: scope.projectId, teamId: scope.teamId, slug: "project", name: "Test project" });
  });
  return scope;
}
