import { Status, type Tone } from "@ballast/ui";

const tones: Readonly<Record<string, Tone>> = {
  validating: "running",
  accepted: "healthy",
  refused: "warning",
  running: "running",
  finished: "healthy",
  succeeded: "healthy",
  failed: "breach",
  killed: "idle",
  queued: "idle",
  gating: "running",
  shadow: "running",
  canary: "info",
  promoted: "healthy",
  rolled_back: "breach",
  aborted: "idle",
};

/** The tone of a record's state. A refusal is a decision that worked, not a limit crossed: it warns. */
export function toneOf(state: string): Tone {
  return tones[state] ?? "idle";
}

/** The state of a record: glyph and word. */
export function StateStatus({ state }: { state: string }) {
  return <Status tone={toneOf(state)}>{state.replaceAll("_", " ")}</Status>;
}
