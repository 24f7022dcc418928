import type { Tone } from "@ballast/ui";

const tones: Readonly<Record<string, Tone>> = { open: "breach", resolved: "healthy", dismissed: "idle" };

/** The tone of an incident's state. */
export const incidentTone = (state: string): Tone => tones[state] ?? "idle";
