import { projectProcedure, router } from "@ballast/governance/trpc";
import { TRPCError, tracked } from "@trpc/server";
import { z } from "zod";
import { admitStream, followEvents, listEvents } from "./live.ts";
import { nextProgress, readProgress, waitSettled } from "./progress.ts";
import { listStuckWork, retryEvent, setSegmentAside } from "./stuck-work.ts";

/** The id a stream's answer carried, as a browser sends it back. */
const eventId = z.string().regex(/^\d{1,15}$/, "must be the id of an event");

/** The loop as a whole: how far it is, what happened, and both as they change. */
export const loopRouter = router({
  progress: projectProcedure("project.read").query(({ ctx }) => readProgress(ctx.db, ctx.scope)),
  /** Waits (at most `timeoutMs`) until everything up to `through` is processed. */
  settled: projectProcedure("project.read")
    .input(z.object({ through: z.date().nullable(), timeoutMs: z.int().min(0).max(30_000).default(10_000) }))
    .query(({ ctx, input, signal }) => waitSettled(ctx.db, ctx.scope, input.through, input.timeoutMs, signal)),
  /** Work that fails again and again or was given up. */
  stuck: projectProcedure("project.read").query(({ ctx }) => ctx.inTenant((tx) => listStuckWork(tx, ctx.scope))),
  retryEvent: projectProcedure("project.write")
    .input(z.object({ eventId: z.int().positive() }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => retryEvent(tx, ctx.scope, input.eventId))),
  /** Gives up the rows of a journal segment that cannot be compacted. */
  setSegmentAside: projectProcedure("project.write")
    .input(z.object({ segmentId: z.string().min(1).max(200), why: z.string().trim().min(1).max(500) }))
    .mutation(({ ctx, input }) => ctx.inTenant((tx) => setSegmentAside(tx, ctx.scope, input.segmentId, input.why))),
  events: projectProcedure("project.read")
    .input(
      z.object({
        before: z.int().optional(),
        limit: z.int().min(1).max(200).default(50),
        name: z.string().max(60).optional(),
        /** Leaves out what comes with every window and charge. */
        newsOnly: z.boolean().default(false),
      }),
    )
    .query(async ({ ctx, input }) => {
      const page = {
        limit: input.limit,
        newsOnly: input.newsOnly,
        ...(input.before === undefined ? {} : { before: input.before }),
        ...(input.name ? { name: input.name } : {}),
      };
      const events = await listEvents(ctx.db, ctx.scope, page);
      return { events, next: events.length === input.limit ? (events.at(-1)?.id ?? null) : null };
    }),
  /** Domain events as they happen (server-sent events), each at least once; resumes after the last one seen. */
  live: projectProcedure("project.read")
    .input(z.object({ lastEventId: eventId.nullish(), after: z.int().min(0).default(0) }))
    .use(({ ctx, next }) => {
      admitStream(ctx.scope);
      return next();
    })
    .subscription(async function* ({ ctx, input, signal }) {
      const following = {
        after: input.lastEventId ? Number(input.lastEventId) : input.after,
        signal: signal ?? new AbortController().signal,
        until: ctx.identity.kind === "user" ? (ctx.identity.until ?? null) : null,
      };
      for await (const { events, resume } of followEvents(ctx.db, ctx.scope, following)) {
        yield tracked(String(resume), { events, progress: await nextProgress(ctx.db, ctx.scope) });
      }
      // Said as such: a stream that just ends would be opened again and again.
      if (!signal?.aborted) throw new TRPCError({ code: "UNAUTHORIZED", message: "Access to this project has ended." });
    }),
});
