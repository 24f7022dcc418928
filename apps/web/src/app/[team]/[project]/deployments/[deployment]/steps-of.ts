import { formatCount, type RolloutStep } from "@ballast/ui";
import { type Decision, inputOf, type Rollout } from "./deployment-data.ts";

const MS_PER_DAY = 86_400_000;

/** The farthest step an ended rollout reached: −1 is the shadow, −2 not even that. */
function reached(rollout: Rollout, decisions: readonly Decision[]): number {
  if (rollout.state === "shadow") return -1;
  if (rollout.state === "canary") return rollout.step;
  if (rollout.state === "queued" || rollout.state === "gating") return -2;
  let farthest = -2;
  for (const decision of decisions) {
    if (decision.decision === "start_shadow") farthest = Math.max(farthest, -1);
    if (decision.decision === "start_canary") farthest = Math.max(farthest, 0);
    if (decision.decision !== "advance") continue;
    const percent = inputOf(decision, "percent");
    farthest = Math.max(
      farthest,
      rollout.plan.steps.findIndex((step) => step.percent === percent),
    );
  }
  return farthest;
}

function maturedInStep({ evidence, stepSince }: Rollout): number {
  if (stepSince === null) return evidence.days.length;
  return evidence.days.filter(({ day }) => Date.parse(day) >= Math.floor(+stepSince / MS_PER_DAY) * MS_PER_DAY).length;
}

const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

/** The shadow and the plan's steps, each with how far it came. */
export function stepsOf(rollout: Rollout, decisions: readonly Decision[]): RolloutStep[] {
  const { plan, evidence } = rollout;
  const at = reached(rollout, decisions);
  const open = rollout.state === "shadow" || rollout.state === "canary";
  const promoted = rollout.state === "promoted";
  const stateOf = (index: number): RolloutStep["state"] => {
    if (promoted || index < at) return "done";
    if (index > at) return "todo";
    return open ? "now" : "stopped";
  };
  const matured = maturedInStep(rollout);
  const steps: RolloutStep[] = plan.steps.map((step, index) => {
    const state = stateOf(index);
    const now = state === "now";
    return {
      label: `${step.percent} %`,
      state,
      ...(now ? { progress: matured / step.minDays } : {}),
      lines: now
        ? [
            `${formatCount(evidence.stepExposures ?? 0)} exposed`,
            `${formatCount(matured)} of ${plural(step.minDays, "day")}`,
            "matured",
          ]
        : [`${plural(step.minDays, "day")} or more`],
    };
  });
  if (plan.strategy !== "shadow_then_canary") return steps;
  const state = stateOf(-1);
  const days = evidence.days.length;
  const shadow: RolloutStep = {
    label: "0 %",
    state,
    ...(state === "now" ? { progress: days / plan.minDays } : {}),
    lines:
      state === "now"
        ? ["in shadow", `${formatCount(days)} of ${plural(plan.minDays, "day")}`, "matured"]
        : ["in shadow", `${plural(plan.minDays, "day")} or more`],
  };
  return [shadow, ...steps];
}
