import "server-only";
import { type Permission, ROLE_PERMISSIONS, type Role } from "@ballast/core";
import { type Account, listMemberships, listProjects } from "@ballast/governance/server";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { auth } from "@/server/auth";
import { database } from "./database.ts";

/** The signed-in person, or null. Read once per request. */
export const currentAccount = cache(async (): Promise<Account | null> => {
  const user = (await auth())?.user;
  return user?.id && user.email ? { id: user.id, email: user.email, name: user.name ?? user.email } : null;
});

export interface TeamWithProjects {
  slug: string;
  name: string;
  role: Role;
  projects: { slug: string; name: string }[];
}

/** Teams of a person with their projects, by name. */
const teamsOf = cache(async (accountId: string): Promise<TeamWithProjects[]> => {
  const db = database();
  const memberships = await listMemberships(db, accountId);
  return Promise.all(
    memberships.map(async (membership) => ({
      slug: membership.teamSlug,
      name: membership.teamName,
      role: membership.role,
      projects: (await listProjects(db, membership.teamId)).map(({ slug, name }) => ({ slug, name })),
    })),
  );
});

/** The signed-in person with the team and project of the address, and what their role may; a foreign one looks like one that does not exist. */
export async function requireProject(teamSlug: string, projectSlug: string) {
  const account = await currentAccount();
  if (!account) redirect(`/signin?next=${encodeURIComponent(`/${teamSlug}/${projectSlug}`)}`);
  const teams = await teamsOf(account.id);
  const team = teams.find((candidate) => candidate.slug === teamSlug);
  const project = team?.projects.find((candidate) => candidate.slug === projectSlug);
  if (!team || !project) notFound();
  const permissions = ROLE_PERMISSIONS[team.role];
  return {
    account,
    teams,
    team,
    project,
    permissions,
    may: (permission: Permission) => permissions.includes(permission),
  };
}

/** Where a person lands after signing in; whoever is in no team yet is told what to do. */
export async function homeOf(account: Account): Promise<string> {
  for (const team of await teamsOf(account.id)) {
    const [project] = team.projects;
    if (project) return `/${team.slug}/${project.slug}`;
  }
  return "/welcome";
}
