import { z } from "zod";
import { createProject, listMemberships, listProjects, signUp } from "./accounts.ts";
import { listAuditEvents } from "./audit.ts";
import {
  createInvitationSchema,
  createServiceAccountSchema,
  createTokenSchema,
  roleSchema,
  signUpSchema,
  updateServiceAccountSchema,
} from "./index.ts";
import { createInvitation, listInvitations, renewInvitation, revokeInvitation } from "./invitations.ts";
import { listMembers, removeMember, setMemberRole } from "./members.ts";
import {
  createServiceAccount,
  listServiceAccounts,
  setServiceAccountEnabled,
  updateServiceAccount,
} from "./service-accounts.ts";
import { createToken, listTokens, revokeToken, rotateToken } from "./tokens.ts";
import { projectProcedure, publicProcedure, router, userProcedure } from "./trpc.ts";

/** Accounts, teams and projects. */
export const accountRouter = router({
  signUp: publicProcedure.input(signUpSchema).mutation(async ({ ctx, input }) => {
    ctx.admitSignUp?.();
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
  rotate: projectProcedure("token.write")
    .input(
      z.object({
        id: z.string().max(40),
        /** How long the old token goes on; 0 ends it at once. */
        overlapHours: z.int().min(0).max(168).default(0),
      }),
    )
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => rotateToken(tx, ctx.scope, input))),
});

const one = z.object({ id: z.string().max(40) });
const member = z.object({ userId: z.string().max(40) });

/** People of the team. */
export const memberRouter = router({
  list: projectProcedure("audit.read").query(({ ctx }) => ctx.inTenant((tx) => listMembers(tx, ctx.scope))),
  setRole: projectProcedure("team.manage")
    .input(member.extend({ role: roleSchema }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => setMemberRole(tx, ctx.scope, input))),
  remove: projectProcedure("team.manage")
    .input(member)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => removeMember(tx, ctx.scope, input.userId))),
});

/** Links that let people into the team. Taking one is for the accept page: it needs a person. */
export const invitationRouter = router({
  list: projectProcedure("team.manage").query(({ ctx }) => ctx.inTenant((tx) => listInvitations(tx, ctx.scope))),
  create: projectProcedure("team.manage")
    .input(createInvitationSchema)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createInvitation(tx, ctx.scope, input))),
  renew: projectProcedure("team.manage")
    .input(one)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => renewInvitation(tx, ctx.scope, input.id))),
  revoke: projectProcedure("team.manage")
    .input(one)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => revokeInvitation(tx, ctx.scope, input.id))),
});

/** Programs that act under their own name. Whoever may end tokens may disable one; only admins bring one to life. */
export const serviceAccountRouter = router({
  list: projectProcedure("token.read").query(({ ctx }) => ctx.inTenant((tx) => listServiceAccounts(tx, ctx.scope))),
  create: projectProcedure("team.manage")
    .input(createServiceAccountSchema)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => createServiceAccount(tx, ctx.scope, input))),
  update: projectProcedure("team.manage")
    .input(updateServiceAccountSchema)
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => updateServiceAccount(tx, ctx.scope, input))),
  disable: projectProcedure("token.write")
    .input(one)
    .mutation(({ ctx, input }) =>
      ctx.inTenant((tx) => setServiceAccountEnabled(tx, ctx.scope, { id: input.id, enabled: false })),
    ),
  enable: projectProcedure("team.manage")
    .input(one)
    .mutation(({ ctx, input }) =>
      ctx.inTenant((tx) => setServiceAccountEnabled(tx, ctx.scope, { id: input.id, enabled: true })),
    ),
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

export { openLineageRouter } from "./open-lineage/router.ts";
export { transferRouter } from "./transfer/router.ts";
export { createWebhookRouter } from "./webhooks/router.ts";
