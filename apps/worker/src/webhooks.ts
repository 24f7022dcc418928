import { PLATFORM, type Scope } from "@ballast/core";
import { listen } from "@ballast/db";
import {
  deliverWebhook,
  dueWebhooks,
  type Installation,
  RequestSlots,
  readInstallation,
} from "@ballast/governance/server";
import type { WorkerContext } from "./context.ts";
import { WakeUps } from "./wake.ts";

/** A delivery that comes due later, after a pause or a crash, is found by looking; a new one is told by NOTIFY. */
const LOOK_MS = 1_000;
/** Requests that are open at once. One worker leads an installation, so this is the installation's bound too. */
const MOST_OPEN = 256;

/** Sends webhook deliveries until stopped: each webhook in a loop of its own, so that a slow receiver holds up nobody else. */
export async function sendWebhooks(
  { db, log }: Pick<WorkerContext, "db" | "log">,
  installation: Installation = readInstallation(),
): Promise<{ stop(): Promise<void> }> {
  const deps = { db, installation, slots: new RequestSlots(MOST_OPEN) };
  const unexpected = (error: unknown) => log.warn("webhooks were interrupted; they go on", { error });
  const webhooks = new WakeUps(async (key, signal) => {
    const [scope, webhookId] = ofKey(key);
    await deliverWebhook(deps, scope, webhookId, signal).catch(unexpected);
  });
  const projects = new WakeUps(async (key) => {
    const due = await dueWebhooks(db, ofKey(key)[0]).catch(unexpected);
    for (const webhookId of due ?? []) webhooks.wake(`${key}/${webhookId}`);
  });
  const look = async () => {
    const due = await db.sql<{ team_id: string; project_id: string }[]>`select * from ballast_due_webhooks()`;
    for (const { team_id, project_id } of due) projects.wake(`${team_id}/${project_id}`);
  };
  const unlisten = await listen(db, "ballast_webhooks", (key) => projects.wake(key));
  const poll = setInterval(() => void look().catch(unexpected), LOOK_MS);
  return {
    stop: async () => {
      clearInterval(poll);
      await unlisten().catch(unexpected);
      await projects.stop();
      await webhooks.stop();
    },
  };
}

function ofKey(key: string): [scope: Scope, webhookId: string] {
  const [teamId = "", projectId = "", webhookId = ""] = key.split("/");
  return [{ teamId, projectId, actor: PLATFORM }, webhookId];
}
