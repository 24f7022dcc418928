import { z } from "zod";
import { createProject, listMemberships, listProjects, signUp } from "./accounts.ts";
import { listAuditEvents } from "./audit.ts";
import { createTokenSchema, signUpSchema } from "./index.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";
import { projectProcedure, publicProcedure, router, userProcedure } from "./trpc.ts";

/** Accounts, teams and projects. */
export const accountRouter = router({
  signUp: publicProcedure.input(signUpSchema).mutation(async ({ ctx, input }) => {
    const made = await signUp(ctx.db, input);
    return { team: made.teamSlug, project: made.projectSlug };
  }),
  /** Teams of the signed-in person with their projects. */
  teams: userProcedure.query(async ({ ctx }) => {
    const memberships = await listMemberships(ctx.db, ctx.account.id);
    return Promise.all(
      memberships.map(async (m) => ({
        slug: m.teamSlug,
        name: m.teamName,
        role: m.role,
        projects: (await listProjects(ctx.db, m.teamId)).map((p) => ({ slug: p.slug, name: p.name })),
      })),
    );
  }),
  createProject: projectProcedure("team.manage")
    .input(z.object({ name: z.string().trim().min(2).max(60) }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createProject(tx, ctx.scope, input.name))),
});

export const tokenRouter = router({
  list: projectProcedure("token.read").query(({ ctx }) => ctx.inTenant((tx) => listTokens(tx, ctx.scope))),
  create: projectProcedure("token.write")
    .input(createTokenSchema)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createToken(tx, ctx.scope, input))),
  revoke: projectProcedure("token.write")
    .input(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => revokeToken(tx, ctx.scope, input.id))),
});

export const auditRouter = router({
  list: projectProcedure("audit.read")
    .input(
      z.object({
        before: z.string().optional(),
        limit: z.int().min(1).max(200).default(50),
        search: z.string().max(100).optional(),
      }),
    )
    .query(async ({ ctx, input }) => {
      const rows = await ctx.inTenant((tx) => listAuditEvents(tx, ctx.scope, { ...input, limit: input.limit + 1 }));
      const events = rows.slice(0, input.limit);
      return { events, next: rows.length > input.limit ? (events.at(-1)?.id ?? null) : null };
    }),
});
