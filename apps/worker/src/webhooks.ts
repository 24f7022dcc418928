import { PLATFORM } from "@ballast/core";
import { listen } from "@ballast/db";
import { deliverWebhooks, readInstallation } from "@ballast/governance/server";
import type { WorkerContext } from "./context.ts";
import { WakeUps } from "./wake.ts";

/** A delivery that comes due later, after a pause or a crash, is found by looking; a new one is told by NOTIFY. */
const LOOK_MS = 1_000;

/** Sends webhook deliveries until stopped: each project in a loop of its own, so that a slow receiver holds up nobody else. */
export async function sendWebhooks(context: WorkerContext): Promise<{ stop(): Promise<void> }> {
  const deps = { db: context.db, installation: readInstallation() };
  const unexpected = (error: unknown) => context.log.warn("webhooks were interrupted; they go on", { error });
  const loop = new WakeUps(async (key) => {
    const [teamId = "", projectId = ""] = key.split("/");
    await deliverWebhooks(deps, { teamId, projectId, actor: PLATFORM }).catch(unexpected);
  });
  const look = async () => {
    const due = await context.db.sql<{ team_id: string; project_id: string }[]>`select * from ballast_due_webhooks()`;
    for (const { team_id, project_id } of due) loop.wake(`${team_id}/${project_id}`);
  };
  const unlisten = await listen(context.db, "ballast_webhooks", (key) => loop.wake(key));
  const poll = setInterval(() => void look().catch(unexpected), LOOK_MS);
  return {
    stop: async () => {
      clearInterval(poll);
      await unlisten().catch(unexpected);
      await loop.stop();
    },
  };
}
