import type { Tone } from "@ballast/ui";

interface Rollout {
  state: string;
  step: number;
  plan: { steps: { percent: number }[] };
}

const looks: Readonly<Record<string, readonly [Tone, string]>> = {
  queued: ["idle", "queued"],
  gating: ["running", "in its gates"],
  shadow: ["running", "shadow"],
  promoted: ["healthy", "promoted"],
  refused: ["warning", "refused"],
  rolled_back: ["breach", "rolled back"],
  aborted: ["idle", "aborted"],
};

/** The state of a rollout in a few words, a canary with its step. */
export function rolloutLook({ state, step, plan }: Rollout): { tone: Tone; words: string } {
  if (state === "canary") {
    return {
      tone: "info",
      words: `canary ${plan.steps[step]?.percent ?? 0} %, step ${step + 1} of ${plan.steps.length}`,
    };
  }
  const [tone, words] = looks[state] ?? (["idle", state] as const);
  return { tone, words };
}
