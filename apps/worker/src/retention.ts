import { collectGarbage } from "@ballast/artifacts/server";
import { PLATFORM, type Scope } from "@ballast/core";
import { allProjects, listen } from "@ballast/db";
import { runCleanUps, scheduleCleanUp } from "@ballast/governance/server";
import { apart } from "./apart.ts";
import type { WorkerContext } from "./context.ts";
import { WakeUps } from "./wake.ts";

const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** A file may be put a while before anything names it; younger ones are left to a later clean-up. */
const GRACE_MS = DAY_MS;

/**
 * Applies retention rules, once a day and when asked, one project after the other: cleaning up must not crowd out the loop. Once a day,
 * the first time an hour after the start, it also collects what no team's clean-up finds: left-over pieces of uploads, files nobody owns.
 */
export async function keepRetention(context: WorkerContext): Promise<{ stop(): Promise<void> }> {
  const { db, artifacts, log } = context;
  const unexpected = (error: unknown) => log.warn("a clean-up was interrupted; it goes on", { error });
  const ofTeam = ({ teamId }: Scope) => collectGarbage({ db, artifacts, teamId, graceMs: GRACE_MS });
  let wholeAt = Date.now() + HOUR_MS;
  const work = async (signal: AbortSignal) => {
    for (const project of await allProjects(db)) {
      if (signal.aborted) return;
      const scope = { ...project, actor: PLATFORM };
      await apart(context, { step: "clean up", projectId: scope.projectId }, async () => {
        await scheduleCleanUp(db, scope, new Date());
        await runCleanUps({ db, collectGarbage: ofTeam }, scope);
      });
    }
    if (Date.now() < wholeAt) return;
    wholeAt = Date.now() + DAY_MS;
    log.info("garbage collected", { ...(await collectGarbage({ db, artifacts })) });
  };
  const loop = new WakeUps((_, signal) => work(signal).catch(unexpected));
  const unlisten = await listen(db, "ballast_retention", () => loop.wake("all"));
  const look = setInterval(() => loop.wake("all"), LOOK_MS);
  loop.wake("all");
  return {
    stop: async () => {
      clearInterval(look);
      await unlisten().catch(unexpected);
      await loop.stop();
    },
  };
}
