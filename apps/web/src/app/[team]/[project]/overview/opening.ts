import { formatCount, formatDay, formatDecimal, formatDifference, type Tone } from "@ballast/ui";
import { paths } from "../../../../page/paths.ts";
import { deploymentPath } from "../../../../page/record-paths.ts";
import { versionName } from "../../../../page/version-name.ts";
import { slownessOf } from "../deployments/slowness.ts";
import { ERROR_LIMIT, newestTraffic, type ServingOverview } from "./overview-data.ts";

/** What the home page opens with: is it healthy, why not, what do I do. Text may hold names in backticks. */
export interface Opening {
  tone: Tone;
  headline: string;
  why: string[];
  act: string;
  actions: { label: string; href: string; primary?: boolean }[];
}

const rolloutWords = {
  queued: "waits for its turn",
  gating: "is in its gates",
  shadow: "scores in shadow",
  canary: "answers callers",
};

/** What goes on by itself, in one sentence. */
function underWay(overview: ServingOverview): string {
  const { rollout, versions } = overview.deployment;
  if (rollout) {
    const words = rolloutWords[rollout.state as keyof typeof rolloutWords] ?? rollout.state;
    const days = rollout.evidence.days.length;
    const seen = days > 0 ? `, ${formatCount(days)} matured ${days === 1 ? "day" : "days"} seen` : "";
    return `${versionName(versions, rollout.candidateId)} ${words}${seen}; the platform decides on its evidence.`;
  }
  const job = overview.jobs.find(({ state }) => state === "queued" || state === "running");
  if (job) return `A training of ${job.modelName} is ${job.state} (${job.cause}).`;
  const policy = overview.policies.find(({ enabled }) => enabled);
  if (policy) {
    const { days, limit } = policy.spec;
    return `Policy \`${policy.name}\` asks for training when predicted and realised rates part by more than ${formatDecimal(100 * limit, 1)} points over ${days} days.`;
  }
  return "No trigger policy is defined: training starts by hand.";
}

/** Training that was refused since the incident was opened, and why. */
function refusedSince(overview: ServingOverview, since: Date): string | null {
  const refused = overview.jobs.find(
    (job) => job.state === "refused" && job.eventTime !== null && job.eventTime >= since,
  );
  return refused?.reason ? `Training was refused: ${refused.reason}` : null;
}

/** What else monitoring has to say where it is not content; incidents, its first reasons, are left out. */
function besidesIncidents({ monitoring }: ServingOverview): string[] {
  const content = !monitoring || monitoring.verdict.state === "healthy" || monitoring.verdict.state === "waiting";
  return content ? [] : monitoring.verdict.reasons.slice(monitoring.openIncidents);
}

/** True if more requests of the newest day failed than monitoring lets pass. */
function failing({ monitoring }: ServingOverview): boolean {
  const day = monitoring?.window;
  return !!day && day.errors > ERROR_LIMIT * (day.predictions + day.errors);
}

function withIncident(overview: ServingOverview, base: string): Opening | null {
  const [incident] = overview.incidents;
  if (!incident) return null;
  const others = overview.openIncidents - 1;
  const { proposal } = incident;
  const more = others > 0 ? ` ${formatCount(others)} more ${others === 1 ? "is" : "are"} open.` : "";
  const refused = refusedSince(overview, incident.openedEventTime);
  const slow = slowness(overview);
  return {
    tone: "breach",
    headline: failing(overview)
      ? "Requests fail, and one input is in the wrong unit."
      : "Serving goes on. One input is in the wrong unit.",
    why: [
      `${incident.title}.${more}`,
      ...(refused ? [refused] : []),
      ...(slow ? [slow] : []),
      ...besidesIncidents(overview),
    ],
    act: proposal
      ? `Accept the conversion at ingestion (× ${formatDecimal(proposal.factor, 6)}). Training on these rows is refused until then.`
      : "Look at the incident and decide. Training on these rows is refused until then.",
    actions: [
      {
        label: proposal ? "Review conversion" : "Open incident",
        href: paths.incident(base, incident.id),
        primary: true,
      },
      {
        label: "See the drift",
        href: paths.monitoring(base, overview.deployment.name, {
          column: proposal?.column ?? "",
          day: incident.since.toISOString().slice(0, 10),
        }),
      },
    ],
  };
}

function withoutChampion(overview: ServingOverview): Opening {
  const { deployment } = overview;
  return {
    tone: "running",
    headline: `${deployment.name} does not serve yet.`,
    why: [
      overview.counts.versions === 0
        ? "No version is registered. The first one that passes its gates serves at once: there is nobody to compare it with."
        : "A version is registered, but none has passed its gates yet.",
    ],
    act: `Nothing. ${underWay(overview)}`,
    actions: [],
  };
}

const tones = { healthy: "healthy", attention: "warning", broken: "breach", waiting: "running" } as const;

/** Work that fails again and again: nothing else said here is up to date then. */
function withStuckWork({ stuck }: ServingOverview): Opening | null {
  const [first, ...others] = stuck;
  if (!first) return null;
  const more = others.length > 0 ? ` ${formatCount(others.length)} more below.` : "";
  return {
    tone: "breach",
    headline: first.kind === "segment" ? "Serving goes on. The log stands still." : "Some work was not done.",
    why: [
      `${first.what}${more}`,
      ...(first.reason ? [`The last of ${first.attempts} attempts said: ${first.reason}`] : []),
    ],
    act: "Mend the cause; the platform tries again by itself. What waits for a person is listed below.",
    actions: [],
  };
}

/** The verdict on the project's busiest deployment, from its monitoring, rollout and training. Pure. */
export function openingOf(overview: ServingOverview, base: string): Opening {
  const { deployment, monitoring } = overview;
  const stuck = withStuckWork(overview);
  if (stuck) return stuck;
  if (deployment.routing.champion === null) return withoutChampion(overview);
  const incident = withIncident(overview, base);
  if (incident) return incident;
  if (!monitoring || monitoring.verdict.state === "waiting") {
    return {
      tone: "running",
      headline: `${deployment.name} serves; its first day is not complete yet.`,
      why: monitoring?.verdict.reasons ?? [],
      act: `Nothing. ${underWay(overview)}`,
      actions: [],
    };
  }
  const { verdict, drifted } = monitoring;
  const slow = slowness(overview);
  const tone = verdict.state === "healthy" && slow ? "warning" : tones[verdict.state];
  const silence = silenceOf(overview);
  const headline =
    tone === "healthy"
      ? silence
        ? `${deployment.name} is ready; nobody asks.`
        : `${deployment.name} is healthy.`
      : tone === "breach"
        ? `${deployment.name} needs you.`
        : drifted.length > 0
          ? `Serving is healthy. ${formatCount(drifted.length)} of ${formatCount(monitoring.columns)} columns ${drifted.length === 1 ? "has" : "have"} drifted.`
          : verdict.state === "healthy"
            ? "Serving works, slower than its objective."
            : "Serving is healthy. Predictions and outcomes have parted.";
  return {
    tone,
    headline,
    why: [
      ...(slow ? [slow] : []),
      ...(silence ? [silence] : []),
      ...(silence && verdict.state === "healthy" ? [] : verdict.reasons),
      ...gapSentence(overview),
    ],
    ...whatToDo(overview, base, tone),
  };
}

/** Said when the newest day's p99 is over the deployment's objective: the figure beside it is red, and the verdict agrees. */
function slowness(overview: ServingOverview): string | null {
  const day = newestTraffic(overview)?.day;
  return day ? slownessOf(day, overview.deployment.sloMs) : null;
}

/** Said when the stream goes on without requests: "0 predictions" alone would read as health. */
function silenceOf(overview: ServingOverview): string | null {
  const traffic = newestTraffic(overview);
  if (!traffic || traffic.silentDays === 0) return null;
  const days = `${formatCount(traffic.silentDays)} complete ${traffic.silentDays === 1 ? "day" : "days"} without a request`;
  return `The last prediction was asked for on ${formatDay(traffic.day.from, { year: true })}; ${days} since.`;
}

function gapSentence({ monitoring }: ServingOverview): string[] {
  const champion = monitoring?.champion;
  if (!champion || monitoring?.verdict.state === "healthy") return [];
  return [
    `Brier skill over the base rate ${formatDifference(champion.brierSkill, 3)} (${formatCount(champion.days)} days, n = ${formatCount(champion.n)}).`,
  ];
}

function whatToDo(overview: ServingOverview, base: string, tone: Tone): Pick<Opening, "act" | "actions"> {
  const { deployment, monitoring } = overview;
  const rolloutLink = deployment.rollout
    ? [{ label: "See the evidence", href: deploymentPath(base, deployment.name) }]
    : [];
  if (tone === "healthy") return { act: `Nothing. ${underWay(overview)}`, actions: rolloutLink };
  const [worst] = monitoring?.drifted ?? [];
  const look = worst
    ? {
        label: `Look at ${worst.column}`,
        href: paths.monitoring(base, deployment.name, { column: worst.column, day: monitoring?.window?.day ?? "" }),
      }
    : { label: "Open monitoring", href: paths.monitoring(base, deployment.name) };
  const act =
    monitoring?.verdict.state === "healthy"
      ? `Look at what else runs on the gateway's machine: answers came late, none was lost. ${underWay(overview)}`
      : tone === "breach"
        ? "Look at what broke; serving goes on meanwhile."
        : `Nothing has to be done now. ${underWay(overview)}`;
  return { act, actions: [...rolloutLink, look] };
}
