/**
 * The state a thing is in. Colour never speaks alone: each tone has a shape (see {@link Glyph}) and needs a word.
 * `breach` means that a limit was crossed, never "important"; `idle` is also "unknown" and "not started".
 */
export type Tone = "healthy" | "warning" | "breach" | "info" | "idle" | "running";

/** The part a model version plays in a deployment. Its colour is the same on every page. */
export type VariantRole = "champion" | "candidate" | "shadow";

/** A colour of the series scale, as a CSS value. Series keep their order: s1 to s7, s8 is "other" and shadow. */
export type SeriesColor = "s1" | "s2" | "s3" | "s4" | "s5" | "s6" | "s7" | "s8" | "ink";

/** The series colour of a role. */
export const roleColors: Readonly<Record<VariantRole, SeriesColor>> = {
  champion: "s1",
  candidate: "s2",
  shadow: "s8",
};
