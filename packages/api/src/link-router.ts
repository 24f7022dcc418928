import { notFound } from "@ballast/core";
import { experiments, loggedModels, projects, registeredModels, runs, type Tx, withTenant } from "@ballast/db";
import { DEFAULT_EXPERIMENT } from "@ballast/experiments/server";
import { listMemberships } from "@ballast/governance/server";
import { router, userProcedure } from "@ballast/governance/trpc";
import { and, asc, eq, isNull } from "drizzle-orm";
import { z } from "zod";

const KINDS = ["experiment", "run", "logged_model", "model"] as const;
type Kind = (typeof KINDS)[number];

/** Where a thing that a link names has its page. */
export interface LinkPlace {
  team: { slug: string; name: string };
  project: { slug: string; name: string };
  /** A logged model's place is its run, or the experiment where no run made it. */
  kind: "experiment" | "run" | "model";
  /** An id; of a model, its name. */
  id: string;
}

/** What MLflow's clients call the default experiment of whatever project they are in. */
const DEFAULT_ID = "0";

type Found = Pick<LinkPlace, "project" | "kind" | "id">;

const project = { slug: projects.slug, name: projects.name };

const FINDERS: Readonly<Record<Kind, (tx: Tx, teamId: string, id: string) => Promise<Found[]>>> = {
  async experiment(tx, teamId, id) {
    const e = experiments;
    const asked = id === DEFAULT_ID ? and(eq(e.name, DEFAULT_EXPERIMENT), isNull(e.deletedAt)) : eq(e.id, id);
    const rows = await tx
      .select({ project, id: e.id })
      .from(e)
      .innerJoin(projects, and(eq(projects.teamId, e.teamId), eq(projects.id, e.projectId)))
      .where(and(eq(e.teamId, teamId), asked))
      .orderBy(asc(projects.name));
    return rows.map((row) => ({ ...row, kind: "experiment" }));
  },
  async run(tx, teamId, id) {
    const rows = await tx
      .select({ project, id: runs.id })
      .from(runs)
      .innerJoin(projects, and(eq(projects.teamId, runs.teamId), eq(projects.id, runs.projectId)))
      .where(and(eq(runs.teamId, teamId), eq(runs.id, id)));
    return rows.map((row) => ({ ...row, kind: "run" }));
  },
  async logged_model(tx, teamId, id) {
    const m = loggedModels;
    const rows = await tx
      .select({ project, run: m.sourceRunId, experiment: m.experimentId })
      .from(m)
      .innerJoin(projects, and(eq(projects.teamId, m.teamId), eq(projects.id, m.projectId)))
      .where(and(eq(m.teamId, teamId), eq(m.id, id)));
    return rows.map(({ run, experiment, project: of }) =>
      run === null ? { project: of, kind: "experiment", id: experiment } : { project: of, kind: "run", id: run },
    );
  },
  async model(tx, teamId, name) {
    const m = registeredModels;
    const rows = await tx
      .select({ project, id: m.name })
      .from(m)
      .innerJoin(projects, and(eq(projects.teamId, m.teamId), eq(projects.id, m.projectId)))
      .where(and(eq(m.teamId, teamId), eq(m.name, name), isNull(m.deletedAt)))
      .orderBy(asc(projects.name));
    return rows.map((row) => ({ ...row, kind: "model" }));
  },
};

/** Links that know a thing and not whose it is, such as those that MLflow's clients print. */
export const linkRouter = router({
  /**
   * Everywhere in the caller's teams that the thing is: ids are in one place at most, the name of a model and the experiment "0" may be in
   * several. NOT_FOUND for what is in none of them, whether it exists elsewhere or not.
   */
  find: userProcedure
    .input(
      z.object({
        kind: z.enum(KINDS),
        /** An id, or the name of a registered model. */
        id: z.string().min(1).max(500),
      }),
    )
    .query(async ({ ctx, input: { kind, id } }): Promise<{ places: LinkPlace[] }> => {
      const places: LinkPlace[] = [];
      for (const { teamId, teamSlug, teamName } of await listMemberships(ctx.db, ctx.account.id)) {
        const found = await withTenant(ctx.db, teamId, (tx) => FINDERS[kind](tx, teamId, id));
        places.push(...found.map((place) => ({ team: { slug: teamSlug, name: teamName }, ...place })));
      }
      if (places.length === 0) throw notFound(WORDS[kind], id);
      return { places };
    }),
});

const WORDS: Readonly<Record<Kind, string>> = {
  experiment: "Experiment",
  run: "Run",
  logged_model: "Logged model",
  model: "Model",
};
