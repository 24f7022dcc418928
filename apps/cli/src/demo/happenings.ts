import { DAY_MS } from "@ballast/core";
import { servableVersion } from "@ballast/db";
import { type Api, untilAnswered } from "./api-client.ts";
import {
  BASIC_PIPELINE,
  BASIC_POLICY,
  CONGESTION_PIPELINE,
  CONGESTION_POLICY,
  DEPLOYMENT,
  swapOriginAndDestination,
} from "./definitions.ts";
import type { DemoState } from "./demo-state.ts";
import type { Story } from "./story.ts";

const JANUARY = Date.UTC(2001, 0, 1);
/** Six weeks: as much history as a retrain of this model gets. */
const HISTORY_MS = 42 * DAY_MS;
/** Trees of the request nobody can afford. */
const COSTLY_TREES = 2_500;
const HARMED_DESCRIPTION = "Serving mapping tidied up by hand.";

export interface Happening {
  api: Api;
  state: DemoState;
  story: Story;
  /** Event time that was just settled: midnight UTC. */
  now: number;
  say: (line: string) => void;
  /** Writes the state down. */
  keep: () => void;
}

/** Looks first for what an earlier process, or an earlier try of this one, did and was killed before it knew. */
type Step = (h: Happening, where: { team: string; project: string }) => Promise<string | null>;

/** Does what the story has for this midnight, each thing once; true if there was anything. */
export async function happen(h: Happening): Promise<boolean> {
  let anything = false;
  const where = { team: h.state.team, project: h.state.project };
  for (const [name, step] of Object.entries(STEPS)) {
    if (h.state.asked[name] !== undefined) continue;
    const id = await untilAnswered(() => step(h, where));
    if (id === null) continue;
    h.state.asked[name] = id;
    h.keep();
    anything = true;
  }
  return anything;
}

type Training = Parameters<Api["training"]["request"]["mutate"]>[0]["training"];

/** The job of a request, made if it was not made before. */
async function trainingOf(api: Api, where: { team: string; project: string }, training: Training) {
  const jobs = await api.training.jobs.query({ ...where, limit: 200 });
  const params = JSON.stringify(training.params ?? {});
  const before = jobs.find(
    (job) =>
      job.cause === "manual" &&
      job.pipeline === training.pipeline &&
      +job.from === +training.from &&
      +job.to === +training.to &&
      JSON.stringify(job.params) === params,
  );
  return before ?? (await api.training.request.mutate({ ...where, training }));
}

const STEPS: Record<string, Step> = {
  /** Somebody trains a version that knows how congested both airports are. */
  congestion: async ({ api, story, now, say }, where) => {
    if (now < story.congestionAt) return null;
    const job = await trainingOf(api, where, {
      pipeline: CONGESTION_PIPELINE.name,
      from: new Date(Math.max(JANUARY, now - HISTORY_MS)),
      to: new Date(now),
      plan: { strategy: "shadow_then_canary" },
    });
    say("A version with airport congestion is asked for.");
    return job.id;
  },

  /** Once it serves, its owners watch it more closely. */
  policy: async ({ api, state, say }, where) => {
    if (state.asked.congestion === undefined) return null;
    const job = await api.training.job.query({ ...where, jobId: state.asked.congestion });
    const { routing } = await api.deployment.get.query({ ...where, deployment: DEPLOYMENT });
    if (job.versionId === null || routing.champion !== job.versionId) return null;
    const before = { name: "calibration", deployment: DEPLOYMENT, pipeline: BASIC_PIPELINE.name, spec: BASIC_POLICY };
    await api.training.definePolicy.mutate({ ...where, policy: { ...before, enabled: false } });
    const made = await api.training.definePolicy.mutate({
      ...where,
      policy: {
        name: "calibration-close",
        deployment: DEPLOYMENT,
        pipeline: CONGESTION_PIPELINE.name,
        spec: CONGESTION_POLICY,
        enabled: true,
      },
    });
    say("The congestion model serves; its owners now allow 0.015 of miscalibration over 3 days.");
    return made.id;
  },

  /** The one click that accepts the proposed conversion. */
  conversion: async ({ api, story, now, say }, where) => {
    if (now < story.kilometresFrom) return null;
    const { incidents } = await api.monitoring.incidents.query({ ...where, limit: 50 });
    const proposals = incidents.filter((incident) => incident.proposal !== null);
    const incident = proposals.find(({ state }) => state === "open");
    if (!incident) return proposals.find(({ state }) => state === "resolved")?.id ?? null;
    say(`${incident.title}. The proposed conversion is accepted.`);
    await api.monitoring.acceptConversion.mutate({ ...where, incidentId: incident.id });
    return incident.id;
  },

  /** A version registered by hand whose serving mapping exchanges origin and destination. */
  harmed: async ({ api, state, story, now, say }, where) => {
    if (now < story.harmedAt || state.asked.policy === undefined) return null;
    const { routing } = await api.deployment.get.query({ ...where, deployment: DEPLOYMENT });
    if (routing.champion === null) return null;
    const { version: champion } = await api.model.version.query({ ...where, versionId: routing.champion });
    const { serving, metrics, digest } = servableVersion(champion);
    const { runId, datasetVersions, trainedFrom, trainedTo, codeVersion } = champion.lineage;
    const lineage = { runId, datasetVersions, trainedFrom, trainedTo, codeVersion };
    const { versions } = await api.model.get.query({ ...where, model: DEPLOYMENT, limit: 200 });
    const version =
      versions.find(({ description }) => description === HARMED_DESCRIPTION) ??
      (await api.model.register.mutate({
        ...where,
        version: {
          modelName: DEPLOYMENT,
          onnxDigest: digest,
          serving: { ...serving, features: swapOriginAndDestination(serving.features) },
          lineage,
          metrics,
          cause: "manual",
          description: HARMED_DESCRIPTION,
        },
      }));
    const rollout = await api.rollout.request.mutate({
      ...where,
      rollout: { deployment: DEPLOYMENT, versionId: version.id, strategy: "canary", cause: "manual" },
    });
    say(
      `Version ${version.version} is registered by hand and goes straight to canary. Its origin and destination features are exchanged.`,
    );
    return rollout.id;
  },

  /** A request far beyond what is left. */
  costly: async ({ api, story, now, say }, where) => {
    if (now < story.costlyAt) return null;
    const job = await trainingOf(api, where, {
      pipeline: CONGESTION_PIPELINE.name,
      from: new Date(JANUARY),
      to: new Date(now - DAY_MS),
      params: { maxTrees: COSTLY_TREES },
    });
    say(
      job.state === "refused"
        ? `A training of ${COSTLY_TREES} trees was refused: ${job.reason}`
        : "The costly training was admitted.",
    );
    return job.id;
  },
};
