import {
  formatCount,
  formatDay,
  formatDecimal,
  formatEvidence,
  formatShare,
  type LoopEdge,
  type LoopStation,
  MISSING,
} from "@ballast/ui";
import { formatMicros } from "../../../../page/format-micros.ts";
import { paths } from "../../../../page/paths.ts";
import { deploymentPath } from "../../../../page/record-paths.ts";
import { versionName } from "../../../../page/version-name.ts";
import { harmLevel, strongestHarm } from "../deployments/harm-evidence.ts";
import { newestTraffic, type OpenRollout, type ServingOverview } from "./overview-data.ts";

type Stations = Record<"integrate" | "deliver" | "monitor" | "train", LoopStation>;
type Edges = Record<"integrateToDeliver" | "deliverToMonitor" | "monitorToTrain" | "trainToIntegrate", LoopEdge>;

const percentOf = (rollout: OpenRollout) => rollout.plan.steps[rollout.step]?.percent ?? 0;

/** Versions the page can name: those routed now and those of the newest rollout. */
function knownVersions(overview: ServingOverview) {
  const { rollout } = overview;
  const extra = [rollout?.candidate, rollout?.champion].filter((version) => version !== null && version !== undefined);
  return [...overview.deployment.versions, ...extra];
}

function integrate(overview: ServingOverview, base: string): LoopStation {
  const { dataset, incidents, rollout } = overview;
  const tally = newestTraffic(overview)?.day.tally;
  const [incident] = incidents;
  const broken = overview.openIncidents;
  const gates = rollout?.gates ?? [];
  const passed = gates.filter((gate) => gate.passed).length;
  const latest = dataset?.latest ?? null;
  const state = incident
    ? ({
        tone: "breach",
        state: broken === 1 ? "1 contract broken" : `${formatCount(broken)} contracts broken`,
      } as const)
    : latest === null
      ? ({ tone: "idle", state: "No data yet" } as const)
      : latest.state === "accepted"
        ? ({ tone: "healthy", state: "Contract met" } as const)
        : latest.state === "validating"
          ? ({ tone: "running", state: "Validating" } as const)
          : ({ tone: "breach", state: "Refused" } as const);
  return {
    ...state,
    sentence: incident
      ? (incident.title.split(", since")[0] ?? incident.title).replaceAll("`", "")
      : dataset
        ? `${dataset.name} holds what models learn from`
        : "Waiting for the first dataset version",
    facts: [
      ["Dataset version", latest ? `v${latest.version}, ${formatCount(latest.rows)} rows` : MISSING],
      [
        "Rows recomputed",
        tally ? `${formatCount(tally.rowsChecked)}, ${formatCount(tally.mismatches)} differ` : MISSING,
      ],
      [
        `Gates passed, ${versionName(knownVersions(overview), rollout?.rollout.candidateId ?? null)}`,
        gates.length > 0 ? `${passed} of ${gates.length}` : MISSING,
      ],
    ],
    href: paths.datasets(base),
  };
}

function deliver(overview: ServingOverview, base: string): LoopStation {
  const { deployment, rollouts, rolloutCounts: counts } = overview;
  const versions = knownVersions(overview);
  const href = deploymentPath(base, deployment.name);
  const open = deployment.rollout;
  const champion = versionName(versions, deployment.routing.champion);
  if (!open) {
    const last = rollouts.find((rollout) => rollout.endedEventTime !== null || rollout.endedAt !== null);
    const serving = deployment.routing.champion !== null;
    return {
      tone: serving ? "healthy" : "idle",
      state: serving ? `${champion} serves` : "Nothing serves",
      sentence: last ? `Last: v${last.candidateVersion} ${last.state.replaceAll("_", " ")}` : "No rollout yet",
      facts: [
        ["Rollouts so far", formatCount(Object.values(counts).reduce((sum, n) => sum + n, 0))],
        ["Promoted", formatCount(counts.promoted ?? 0)],
        ["Refused or rolled back", formatCount((counts.refused ?? 0) + (counts.rolled_back ?? 0))],
      ],
      href,
    };
  }
  const candidate = versionName(versions, open.candidateId);
  const strongest = strongestHarm(open);
  const safe = harmLevel(strongest) === "none";
  const matured = open.evidence.days.length;
  const state = open.state === "canary" ? `Canary ${percentOf(open)} %` : open.state === "shadow" ? "Shadow" : "Gates";
  return {
    tone: safe ? "running" : "warning",
    state,
    sentence:
      open.state === "gating"
        ? `${candidate} is measured before it meets traffic`
        : `${candidate} ${safe ? "safe so far" : "shows some evidence of harm"}; ${open.evidence.quality?.verdict === "non_inferior" ? "Brier not worse, proven" : "Brier not yet proven"}`,
    facts: [
      ["Answers to callers", formatCount(open.evidence.exposures)],
      ["Strongest harm evidence", `E = ${formatEvidence(strongest.e)} of ${formatEvidence(strongest.needed)}`],
      ["Matured days", `${formatCount(matured)}, at least ${open.plan.minDays}`],
    ],
    href,
  };
}

function monitor(overview: ServingOverview, base: string): LoopStation {
  const { monitoring, deployment } = overview;
  const day = overview.championDays.at(-1);
  const drifted = monitoring?.drifted.length ?? 0;
  const columns = monitoring?.columns ?? 0;
  const window = monitoring?.window;
  const tooFewFor = window?.tooFewFor ?? null;
  // An open incident stands at the station whose contract it breaks.
  const broken = monitoring?.verdict.state === "broken" && monitoring.openIncidents === 0;
  const state = !window
    ? ({ tone: "idle", state: "No day yet" } as const)
    : broken
      ? ({ tone: "breach", state: "Needs you" } as const)
      : drifted > 0
        ? ({ tone: "warning", state: `${drifted} of ${columns} drifted` } as const)
        : tooFewFor !== null
          ? ({ tone: "idle", state: "Too few rows" } as const)
          : ({ tone: "healthy", state: `0 of ${columns} drifted` } as const);
  return {
    ...state,
    sentence: broken
      ? (monitoring.verdict.reasons[0] ?? "")
      : tooFewFor !== null
        ? `A verdict on drift needs ${formatCount(tooFewFor)} rows of a column`
        : columns > 0
          ? `${columns - drifted} columns within their calibrated limits`
          : "Waits for a champion to compare with",
    facts: [
      ["Newest day", window ? formatDay(window.day, { year: true }) : MISSING],
      [
        "Labels joined",
        day ? `${formatShare(day.n / Math.max(1, day.scored))} of ${formatCount(day.scored)}` : MISSING,
      ],
      ["Realised, predicted", day ? `${formatShare(day.meanOutcome)}, ${formatShare(day.meanPrediction)}` : MISSING],
    ],
    href: paths.monitoring(base, deployment.name),
  };
}

const jobLooks = {
  queued: ["running", "Queued"],
  running: ["running", "Training"],
  succeeded: ["healthy", "Trained"],
  failed: ["breach", "Failed"],
  refused: ["warning", "Refused"],
} as const;

function train(overview: ServingOverview, base: string): LoopStation {
  const { jobs, policies, incidents, monitoring } = overview;
  const [job] = jobs;
  const policy = policies.find(({ enabled }) => enabled);
  const gap = monitoring?.champion?.gap;
  const [tone, state] =
    incidents.length > 0
      ? (["warning", "Held"] as const)
      : job
        ? jobLooks[job.state]
        : (["idle", "No training yet"] as const);
  const last = jobs.find((one) => one.state === "succeeded");
  return {
    tone,
    state,
    sentence:
      incidents.length > 0
        ? "Rows since the change of unit are refused"
        : job
          ? `${job.cause}${job.eventTime ? `, ${formatDay(job.eventTime)}` : ""}`
          : "Waits for a pipeline",
    facts: [
      ["Last trained", last ? `${formatDay(last.to)}, ${formatMicros(last.committedMicros, last.currency)}` : MISSING],
      ["Refused, newest 20", formatCount(jobs.filter((one) => one.state === "refused").length)],
      [
        "Gap, limit",
        gap === undefined
          ? MISSING
          : `${points(gap)}, ${policy ? `±${formatDecimal(100 * policy.spec.limit, 1)} points` : "no policy"}`,
      ],
    ],
    href: paths.training(base),
  };
}

const points = (share: number) => `${share > 0 ? "+" : ""}${formatDecimal(100 * share, 1)}`;

export function stationsOf(overview: ServingOverview, base: string): Stations {
  return {
    integrate: integrate(overview, base),
    deliver: deliver(overview, base),
    monitor: monitor(overview, base),
    train: train(overview, base),
  };
}

/** What flows between the stations, and what stops it. */
export function edgesOf(overview: ServingOverview): Edges {
  const { deployment, openIncidents, rollout, happenings } = overview;
  const gates = rollout?.gates ?? [];
  const failed = gates.some((gate) => !gate.passed);
  const candidate = versionName(knownVersions(overview), rollout?.rollout.candidateId ?? null);
  const predictions = newestTraffic(overview)?.day.tally.predictions;
  const asked = happenings.filter((event) => event.name === "calibration.breached").length;
  const made = happenings.filter((event) => event.name === "training.succeeded").length;
  const queued = deployment.queued.length;
  return {
    integrateToDeliver: !rollout
      ? { count: "0", word: "versions yet", state: "held" }
      : rollout.rollout.state === "gating"
        ? { count: candidate, word: "in its gates", state: "held" }
        : failed
          ? { count: candidate, word: "stopped by its gates", state: "stopped" }
          : { count: candidate, word: "passed", state: "flowing" },
    deliverToMonitor:
      predictions === undefined
        ? { count: "0", word: "days yet", state: "held" }
        : { count: formatCount(predictions), word: "a day, journalled" },
    monitorToTrain:
      openIncidents > 0
        ? {
            count: openIncidents === 1 ? "1 incident" : `${formatCount(openIncidents)} incidents`,
            word: openIncidents === 1 ? "holds training" : "hold training",
            state: "stopped",
          }
        : { count: formatCount(asked), word: asked === 1 ? "alarm asked" : "alarms asked" },
    trainToIntegrate:
      openIncidents > 0
        ? { count: "0", word: "candidates while held", state: "stopped" }
        : queued > 0
          ? { count: formatCount(queued), word: queued === 1 ? "candidate waits" : "candidates wait", state: "held" }
          : { count: formatCount(made), word: made === 1 ? "candidate made" : "candidates made" },
  };
}
