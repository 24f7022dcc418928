import { isAppError, PERMISSIONS, type Scope } from "@ballast/core";
import { createDatabase, type Database, withTenant } from "@ballast/db";
import {
  createToken,
  listMemberships,
  listProjects,
  scopeOfUser,
  signUp,
  verifyPassword,
} from "@ballast/governance/server";
import type { DemoState } from "./demo-state.ts";

export const DEMO_EMAIL = "demo@ballast.example";

/** The demo's account, team, project and token. The one thing done behind the API, since before it nobody could sign in. */
export async function createDemoTeam(appUrl: string, password: string, story: string): Promise<DemoState> {
  const db = createDatabase(appUrl, { max: 2 });
  try {
    const { scope, teamSlug, projectSlug } = await demoScope(db, password);
    const made = await withTenant(db, scope.teamId, (tx) =>
      createToken(tx, scope, { name: "demo stream", permissions: [...PERMISSIONS], expiresInDays: 3_650 }),
    );
    return {
      team: teamSlug,
      project: projectSlug,
      token: made.token,
      story,
      sentThrough: null,
      pending: [],
      tally: null,
      latencies: [],
      asked: {},
    };
  } finally {
    await db.close();
  }
}

/** The demo's team, or the one that an earlier start of this home made before it was stopped. */
async function demoScope(
  db: Database,
  password: string,
): Promise<{ scope: Scope; teamSlug: string; projectSlug: string }> {
  const input = {
    name: "Ida Duarte",
    email: DEMO_EMAIL,
    password,
    teamName: "Airline Ops",
    projectName: "US flights 2001",
  };
  try {
    return await signUp(db, input);
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
  }
  const account = await verifyPassword(db, DEMO_EMAIL, password);
  const [membership] = account ? await listMemberships(db, account.id) : [];
  const [project] = membership ? await listProjects(db, membership.teamId) : [];
  if (!account || !membership || !project) {
    throw new Error(
      `Another installation ran its demo in this database: ${DEMO_EMAIL} has another password. Use an empty database, or start with --empty.`,
    );
  }
  const scope = await scopeOfUser(db, account, membership.teamSlug, project.slug);
  return { scope, teamSlug: membership.teamSlug, projectSlug: project.slug };
}
