import path from "node:path";
import { openArtifactStore } from "@ballast/artifacts";
import { createLogger, readEnv, requireEnv } from "@ballast/core";
import { openDuck, RecentLog } from "@ballast/datasets/server";
import { allProjects, createDatabase, listen } from "@ballast/db";
import { openPluginHost, pluginSource } from "@ballast/marketplace/server";
import type { WorkerContext } from "./context.ts";
import { JOB_HANDLERS, REACTIONS } from "./handlers.ts";
import { reclaimJobs, startBoss, workJobs } from "./jobs.ts";
import { becomeLeader } from "./leader.ts";
import { drainOutbox } from "./outbox.ts";
import { keepRetention } from "./retention.ts";
import { reviveJobs, tidy } from "./revive.ts";
import { rollUpMetrics } from "./roll-up-metrics.ts";
import { compactProject } from "./segments.ts";
import { WakeUps } from "./wake.ts";
import { sendWebhooks } from "./webhooks.ts";

const log = createLogger("worker");
/** Wake-ups come by NOTIFY; this is the floor for one that was lost. */
const POLL_MS = 1_000;
const TIDY_MS = 10_000;

/** Everything is derived from the database, so the way out of a lost connection or an unknown state is to start again. */
function startAgain(reason: string, error?: unknown): never {
  log.error(reason, error === undefined ? {} : { error });
  process.exit(1);
}

async function openContext(): Promise<WorkerContext & { resign: () => void }> {
  const home = requireEnv("BALLAST_HOME");
  const url = requireEnv("BALLAST_APP_DATABASE_URL");
  const db = createDatabase(url, { max: 10, prepare: true });
  const resign = await becomeLeader(db, () => startAgain("the worker's lock was lost with its connection"));
  const duck = await openDuck({ memoryLimitMb: 700, threads: 2, tempDir: path.join(home, "tmp") });
  const folders = { folders: [path.join(requireEnv("BALLAST_ROOT"), "plugins")] };
  const plugins = await openPluginHost(folders);
  const boss = await startBoss(url, (error) => log.warn("job queue", { error }));
  return {
    db,
    artifacts: openArtifactStore(readEnv(), path.join(home, "artifacts")),
    duck,
    recent: new RecentLog(),
    plugins,
    pluginSource: pluginSource(folders),
    boss,
    log,
    resign,
  };
}

const context = await openContext().catch((error: unknown) => startAgain("the worker could not start", error));
const split = (key: string): [string, string] => {
  const [teamId = "", projectId = ""] = key.split("/");
  return [teamId, projectId];
};
const unexpected = (error: unknown) => log.warn("a loop was interrupted; it goes on at the next wake-up", { error });
const outbox = new WakeUps((key, signal) => drainOutbox(context, REACTIONS, ...split(key), signal).catch(unexpected));
const segments = new WakeUps((key, signal) => compactProject(context, ...split(key), signal).catch(unexpected));
const metrics = new WakeUps((_, signal) => rollUpMetrics(context, signal).catch(unexpected));

async function wakeAll(): Promise<void> {
  metrics.wake("all");
  for (const { teamId, projectId } of await allProjects(context.db)) {
    segments.wake(`${teamId}/${projectId}`);
    outbox.wake(`${teamId}/${projectId}`);
  }
}

const reclaimed = await reclaimJobs(context);
if (reclaimed > 0) log.info("took back jobs of a worker that was killed", { reclaimed });
await reviveJobs(context);
const jobsEnded = await workJobs(context, JOB_HANDLERS);
await listen(
  context.db,
  "ballast_events",
  (key) => outbox.wake(key),
  () => void wakeAll().catch(unexpected),
);
await listen(context.db, "ballast_segments", (key) => segments.wake(key));
const webhooks = await sendWebhooks(context);
const retention = await keepRetention(context);
const poll = setInterval(() => void wakeAll().catch(unexpected), POLL_MS);
const tidiness = new WakeUps((_, signal) =>
  reviveJobs(context, signal)
    .then(() => tidy(context, signal))
    .catch(unexpected),
);
const tidying = setInterval(() => tidiness.wake("all"), TIDY_MS);
await wakeAll();
log.info("worker ready", { plugins: context.plugins.installed().map((p) => p.manifest.id) });

async function stop(): Promise<void> {
  clearInterval(poll);
  clearInterval(tidying);
  await context.boss.stop({ graceful: false });
  const loops = [outbox, segments, metrics, tidiness, webhooks, retention];
  await Promise.all([jobsEnded(), ...loops.map((loop) => loop.stop())]);
  context.resign();
  await context.db.close();
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
