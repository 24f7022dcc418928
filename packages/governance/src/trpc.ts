import {
  AppError,
  createLogger,
  type ErrorCode,
  isAppError,
  mayDo,
  notFound,
  type Permission,
  type Scope,
  toAppError,
} from "@ballast/core";
import { type Database, type Tx, withTenant } from "@ballast/db";
import { initTRPC, TRPCError } from "@trpc/server";
import superjson from "superjson";
import { z } from "zod";
import { type Account, scopeOfUser, slugsOf } from "./accounts.ts";
import { refuseUnstorable } from "./storable-input.ts";
import { actorOfToken, type VerifiedToken } from "./tokens.ts";

/** Who calls, as the edge found out; null without credentials. */
export type Identity =
  /** `until` is when the session ends. */
  { kind: "user"; account: Account; until?: Date } | { kind: "token"; token: VerifiedToken } | null;

export interface ApiContext {
  db: Database;
  identity: Identity;
  requestId: string;
  /** Throws where the caller's network address made too many accounts lately. Left out where no network is between. */
  admitSignUp?: () => void;
}
/** What a procedure needs of its caller; read by the generated access matrix. */
export interface ProcedureMeta {
  access: "public" | "user" | Permission;
}

const TRPC_CODE: Record<ErrorCode, TRPCError["code"]> = {
  invalid_input: "BAD_REQUEST",
  unauthenticated: "UNAUTHORIZED",
  forbidden: "FORBIDDEN",
  not_found: "NOT_FOUND",
  conflict: "CONFLICT",
  precondition_failed: "PRECONDITION_FAILED",
  payload_too_large: "PAYLOAD_TOO_LARGE",
  unprocessable: "UNPROCESSABLE_CONTENT",
  too_many_requests: "TOO_MANY_REQUESTS",
  budget_exceeded: "PAYMENT_REQUIRED",
  deadline_exceeded: "TIMEOUT",
  unavailable: "SERVICE_UNAVAILABLE",
  storage_full: "INTERNAL_SERVER_ERROR",
  internal: "INTERNAL_SERVER_ERROR",
};

const log = createLogger("api");
const t = initTRPC
  .context<ApiContext>()
  .meta<ProcedureMeta>()
  .create({
    transformer: superjson,
    sse: { ping: { enabled: true, intervalMs: 5_000 }, client: { reconnectAfterInactivityMs: 15_000 } },
    errorFormatter({ shape, error, ctx }) {
      // A foreign error, as a stream may throw once it has begun, has no text of its own: it may quote what it was asked.
      const app =
        isAppError(error.cause) || error.code === "INTERNAL_SERVER_ERROR" ? toAppError(error.cause ?? error) : null;
      const issues =
        error.cause instanceof z.ZodError
          ? error.cause.issues.map((i) => ({ field: i.path.join("."), message: i.message }))
          : [];
      const message =
        app?.publicMessage ??
        (issues.length > 0 ? issues.map((i) => `${i.field}: ${i.message}`).join(" ") : shape.message);
      return {
        ...shape,
        message,
        data: {
          ...shape.data,
          stack: undefined,
          reason: app?.code ?? null,
          details: app?.details ?? {},
          issues,
          requestId: ctx?.requestId ?? null,
        },
      };
    },
  });

/** Turns every AppError into its tRPC code in one place; a foreign error becomes a logged 500 with no text of its own. */
const withErrors = t.middleware(async ({ next, ctx, path }) => {
  const result = await next();
  if (result.ok) return result;
  const { cause } = result.error;
  if (result.error.code !== "INTERNAL_SERVER_ERROR" && !isAppError(cause)) return result;
  const app = toAppError(cause ?? result.error);
  if (app.status >= 500) log.error("procedure failed", { path, requestId: ctx.requestId, error: app });
  throw new TRPCError({ code: TRPC_CODE[app.code], message: app.publicMessage, cause: app });
});

const storable = t.middleware(async ({ next, getRawInput }) => {
  refuseUnstorable(await getRawInput());
  return next();
});

export const router = t.router;
export const mergeRouters = t.mergeRouters;
export const createCallerFactory = t.createCallerFactory;

/** Open to everybody. */
export const publicProcedure = t.procedure.meta({ access: "public" }).use(withErrors).use(storable);

/** For a signed-in person; 401 otherwise. */
export const userProcedure = t.procedure
  .meta({ access: "user" })
  .use(withErrors)
  .use(({ ctx, next }) => {
    if (ctx.identity?.kind !== "user") throw new AppError("unauthenticated", "Sign in to do this.");
    return next({ ctx: { ...ctx, account: ctx.identity.account } });
  })
  .use(storable);

const slug = z
  .string()
  .min(1)
  .max(60)
  .refine((text) => text.isWellFormed() && !text.includes("\u0000"), "holds a character that is not text");
export const projectInput = z.object({ team: slug, project: slug });

async function scopeOf(db: Database, identity: NonNullable<Identity>, team: string, project: string): Promise<Scope> {
  if (identity.kind === "user") return scopeOfUser(db, identity.account, team, project);
  const { token } = identity;
  const own = await slugsOf(db, token.teamId, token.projectId);
  if (own?.team !== team || own.project !== project) throw notFound("Project", `${team}/${project}`);
  return {
    teamId: token.teamId,
    projectId: token.projectId,
    actor: actorOfToken(token),
  };
}

/** A token belongs to one project: where its holder names none, that one is meant. */
async function inOwnProject(db: Database, token: VerifiedToken, input: unknown): Promise<unknown> {
  const asked = input ?? {};
  if (typeof asked !== "object" || Array.isArray(asked) || "team" in asked || "project" in asked) return input;
  const own = await slugsOf(db, token.teamId, token.projectId);
  return own ? { ...asked, ...own } : input;
}

/**
 * For whoever holds `permission` in the project named by the input's `team` and `project` slugs. No credential: 401; not
 * their project: 404; too small a role or token: 403. The context gains `scope` and `inTenant`, a tenant transaction.
 */
export function projectProcedure(permission: Permission) {
  return t.procedure
    .meta({ access: permission })
    .use(withErrors)
    .use(({ ctx, next }) => {
      if (!ctx.identity)
        throw new AppError("unauthenticated", "Sign in, or send an API token as `Authorization: Bearer blst_…`.");
      return next({ ctx: { ...ctx, identity: ctx.identity } });
    })
    .use(async ({ ctx, next, getRawInput }) => {
      const { identity } = ctx;
      if (identity.kind !== "token") return next();
      return next({ getRawInput: async () => inOwnProject(ctx.db, identity.token, await getRawInput()) });
    })
    .input(projectInput)
    .use(async ({ ctx, input, next }) => {
      const scope = await scopeOf(ctx.db, ctx.identity, input.team, input.project);
      if (!mayDo(scope.actor, permission)) {
        throw new AppError(
          "forbidden",
          `This needs the permission ${permission}, which ${scope.actor.name} lacks in ${input.team}/${input.project}.`,
        );
      }
      const inTenant = <T>(fn: (tx: Tx) => Promise<T>) => withTenant(ctx.db, scope.teamId, fn);
      return next({ ctx: { ...ctx, scope, inTenant } });
    })
    .use(storable);
}
