import type { TransferMode } from "./transfer-words.ts";

export interface TransferPlace {
  slug: string;
  /** As a person chooses it. */
  label: string;
}

/** Stands for a project that is yet to be made; no slug looks like it. */
export const NEW_PROJECT = "+new";

/**
 * Where it can go, the most likely first: the team's other projects, the current one for copies only, and for who may make projects a
 * new one.
 */
export function transferPlaces(
  mode: TransferMode,
  team: { projects: readonly { slug: string; name: string }[]; here: string; mayMake: boolean },
): TransferPlace[] {
  const others = team.projects.filter(({ slug }) => slug !== team.here);
  const own = team.projects.filter(({ slug }) => slug === team.here);
  return [
    ...others.map(({ slug, name }) => ({ slug, label: name })),
    ...(mode === "copy" ? own.map(({ slug, name }) => ({ slug, label: `${name} (this project)` })) : []),
    ...(team.mayMake ? [{ slug: NEW_PROJECT, label: "A new project" }] : []),
  ];
}

/** Which field of the dialog a refusal is about, and what it says; undefined for one that is about the whole. */
export function refusedField(error: unknown): { field: "project" | "name"; message: string } | undefined {
  if (!(error instanceof Error) || !("data" in error)) return undefined;
  const data = error.data as
    | { details?: { field?: unknown }; issues?: readonly { field: string }[] }
    | null
    | undefined;
  const named = data?.details?.field ?? data?.issues?.[0]?.field;
  const message = error.message.replace(/^(name|to|experiment): /, "");
  if (named === "to") return { field: "project", message };
  return named === "name" || named === "experiment" ? { field: "name", message } : undefined;
}
