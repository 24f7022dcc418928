import { AppError, newId, notFound, type Scope } from "@ballast/core";
import { experiments, projects, type Tx } from "@ballast/db";
import { and, eq, isNull } from "drizzle-orm";

/** Tag of a copy or a moved model: project and id of what it was. */
export const ORIGIN_TAG = "ballast.origin";

export interface Place {
  scope: Scope;
  slug: string;
}

/** The project one acts in, and another of the same team by its slug. Roles are a team's, so whoever may here may there. */
export async function placesOf(tx: Tx, scope: Scope, slug: string): Promise<{ from: Place; to: Place }> {
  const rows = await tx.select().from(projects).where(eq(projects.teamId, scope.teamId));
  const from = rows.find(({ id }) => id === scope.projectId);
  const to = rows.find((project) => project.slug === slug);
  const ofTeam = scope.actor.type === "user" || scope.actor.type === "platform";
  if (!ofTeam && from?.slug !== slug) {
    const message = "A token is for one project. Sign in to move or copy between projects.";
    throw new AppError("forbidden", message, { details: { field: "to" } });
  }
  if (!from || !to) throw notFound("Project", slug);
  return {
    from: { scope, slug: from.slug },
    to: { scope: { ...scope, projectId: to.id }, slug: to.slug },
  };
}

/** The active experiment of a name in a project, made if there is none. */
export async function experimentNamed(tx: Tx, scope: Scope, name: string): Promise<string> {
  const { teamId, projectId } = scope;
  const id = newId("experiment");
  await tx.insert(experiments).values({ teamId, projectId, id, name }).onConflictDoNothing();
  const [row] = await tx
    .select({ id: experiments.id })
    .from(experiments)
    .where(
      and(
        eq(experiments.teamId, teamId),
        eq(experiments.projectId, projectId),
        eq(experiments.name, name),
        isNull(experiments.deletedAt),
      ),
    );
  if (!row) throw new AppError("internal", `experiment ${name} vanished between insert and select`);
  return row.id;
}
