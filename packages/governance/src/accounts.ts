import { AppError, newId, notFound, type Role, type Scope } from "@ballast/core";
import { type Database, memberships, projects, type Tx, teams, users, withTenant } from "@ballast/db";
import { hash, verify } from "@node-rs/argon2";
import { and, eq, sql } from "drizzle-orm";
import { audit } from "./audit.ts";
import { type SignUp, slugOf } from "./index.ts";

export interface Account {
  id: string;
  email: string;
  name: string;
}
export interface TeamMembership {
  teamId: string;
  teamSlug: string;
  teamName: string;
  role: Role;
}

/** Memory-hard per OWASP's argon2id profile (19 MiB, 2 passes). */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** Verified against when the account does not exist, so that timing does not tell which addresses have one. */
let decoy: Promise<string> | null = null;

/** An argon2id PHC string. */
export const hashPassword = (password: string): Promise<string> => hash(password, ARGON2);

/**
 * A new person with a team (as its admin) and a first project, all or nothing: an account without a team could neither be used nor
 * made again. Throws `conflict` if the address is taken.
 */
export async function signUp(
  db: Database,
  input: SignUp,
): Promise<{ account: Account; teamSlug: string; projectSlug: string; scope: Scope }> {
  const passwordHash = await hashPassword(input.password);
  const account: Account = { id: newId("user"), email: input.email, name: input.name };
  const made = await createTeam(db, account, input.teamName, input.projectName, async (tx) => {
    const inserted = await tx
      .insert(users)
      .values({ ...account, passwordHash })
      .onConflictDoNothing()
      .returning({ id: users.id });
    if (inserted.length > 0) return;
    throw new AppError("conflict", "There is an account with this e-mail address already. Sign in instead.", {
      details: { field: "email" },
    });
  });
  return { account, ...made };
}

/**
 * The account, or null if address or password is wrong; takes as long either way. Somebody who only signs in through an identity
 * provider has no password, so none is right.
 */
export async function verifyPassword(db: Database, email: string, password: string): Promise<Account | null> {
  const [user] = await db.drizzle.select().from(users).where(eq(users.email, email.toLowerCase()));
  decoy ??= hash("decoy", ARGON2);
  const matches = await verify(user?.passwordHash ?? (await decoy), password);
  return user?.passwordHash && matches ? { id: user.id, email: user.email, name: user.name } : null;
}

/** First segments of addresses that are not a team's. */
const RESERVED = new Set(["api", "go", "invite", "signin", "signup", "welcome"]);

async function freeTeamSlug(db: Database, wanted: string): Promise<string> {
  for (let n = 1; ; n++) {
    const slug = n === 1 ? wanted : `${wanted.slice(0, 36)}-${n}`;
    if (RESERVED.has(slug)) continue;
    const [row] = await db.sql<{ taken: boolean }[]>`select ballast_team_slug_taken(${slug}) as taken`;
    if (!row?.taken) return slug;
  }
}

/** A new team with the account as its admin, and a first project in it. `first` runs in the same transaction, before. */
export async function createTeam(
  db: Database,
  account: Account,
  teamName: string,
  projectName: string,
  first: (tx: Tx) => Promise<void> = async () => {},
) {
  const scope: Scope = {
    teamId: newId("team"),
    projectId: newId("project"),
    actor: { type: "user", ...account, role: "admin" },
  };
  const projectSlug = slugOf(projectName);
  for (;;) {
    const teamSlug = await freeTeamSlug(db, slugOf(teamName));
    const done = await withTenant(db, scope.teamId, async (tx) => {
      const made = await tx
        .insert(teams)
        .values({ id: scope.teamId, slug: teamSlug, name: teamName })
        .onConflictDoNothing()
        .returning({ id: teams.id });
      // Somebody took the name since it was looked up: another one then.
      if (made.length === 0) return false;
      await first(tx);
      await tx.insert(memberships).values({ teamId: scope.teamId, userId: account.id, role: "admin" });
      await tx
        .insert(projects)
        .values({ id: scope.projectId, teamId: scope.teamId, slug: projectSlug, name: projectName });
      await audit(tx, scope, {
        action: "team.create",
        subject: scope.teamId,
        detail: { team: teamName, project: projectName },
      });
      return true;
    });
    if (done) return { scope, teamSlug, projectSlug };
  }
}

/** Another project in the scope's team. Throws `conflict` if its name gives a slug that is taken. */
export async function createProject(tx: Tx, scope: Scope, name: string): Promise<{ id: string; slug: string }> {
  const project = { id: newId("project"), slug: slugOf(name) };
  const made = await tx
    .insert(projects)
    .values({ ...project, teamId: scope.teamId, name })
    .onConflictDoNothing()
    .returning({ id: projects.id });
  if (made.length === 0)
    throw new AppError("conflict", `The team has a project "${project.slug}" already.`, { details: { field: "name" } });
  await audit(tx, scope, { action: "project.create", subject: project.id, detail: { name } });
  return project;
}

/** Every team a person belongs to. */
export async function listMemberships(db: Database, userId: string): Promise<TeamMembership[]> {
  const rows = await db.sql<
    { team_id: string; team_slug: string; team_name: string; role: Role }[]
  >`select * from ballast_memberships(${userId})`;
  return rows.map((r) => ({ teamId: r.team_id, teamSlug: r.team_slug, teamName: r.team_name, role: r.role }));
}

export async function listProjects(db: Database, teamId: string) {
  return withTenant(db, teamId, (tx) =>
    tx.select().from(projects).where(eq(projects.teamId, teamId)).orderBy(projects.name),
  );
}

/** The scope a person acts in. A team they are not in, and a project that is not there, look the same: 404. */
export async function scopeOfUser(
  db: Database,
  account: Account,
  teamSlug: string,
  projectSlug: string,
): Promise<Scope> {
  const membership = (await listMemberships(db, account.id)).find((m) => m.teamSlug === teamSlug);
  if (!membership) throw notFound("Project", `${teamSlug}/${projectSlug}`);
  const found = await withTenant(db, membership.teamId, (tx) =>
    tx
      .select({ id: projects.id })
      .from(projects)
      .where(and(eq(projects.teamId, membership.teamId), eq(projects.slug, projectSlug))),
  );
  const project = found[0];
  if (!project) throw notFound("Project", `${teamSlug}/${projectSlug}`);
  return {
    teamId: membership.teamId,
    projectId: project.id,
    actor: { type: "user", id: account.id, name: account.name, role: membership.role },
  };
}

/** Slugs of a scope's team and project. */
export async function slugsOf(
  db: Database,
  teamId: string,
  projectId: string,
): Promise<{ team: string; project: string } | null> {
  const [row] = await withTenant(db, teamId, (tx) =>
    tx
      .select({ team: teams.slug, project: projects.slug })
      .from(projects)
      .innerJoin(teams, sql`${teams.id} = ${projects.teamId}`)
      .where(and(eq(projects.teamId, teamId), eq(projects.id, projectId))),
  );
  return row ?? null;
}
