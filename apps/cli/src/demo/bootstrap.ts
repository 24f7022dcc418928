import { PERMISSIONS } from "@ballast/core";
import { createDatabase, withTenant } from "@ballast/db";
import { createToken, signUp } from "@ballast/governance/server";
import type { DemoState } from "./demo-state.ts";

export const DEMO_EMAIL = "demo@ballast.example";

/** The demo's account, team, project and token. The one thing done behind the API, since before it nobody could sign in. */
export async function createDemoTeam(appUrl: string, password: string, story: string): Promise<DemoState> {
  const db = createDatabase(appUrl, { max: 2 });
  try {
    const input = {
      name: "Ida Duarte",
      email: DEMO_EMAIL,
      password,
      teamName: "Airline Ops",
      projectName: "US flights 2001",
    };
    const { scope, teamSlug, projectSlug } = await signUp(db, input);
    const made = await withTenant(db, scope.teamId, (tx) =>
      createToken(tx, scope, { name: "demo stream", permissions: [...PERMISSIONS], expiresInDays: 30 }),
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
      finished: false,
    };
  } finally {
    await db.close();
  }
}
