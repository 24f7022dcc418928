import { modelPath, modelVersionPath, runPath } from "../../page/record-paths.ts";

/** What a link of an MLflow client names. */
export interface LinkTarget {
  kind: "experiment" | "run" | "logged_model" | "model";
  /** An id, or the name of a registered model. */
  id: string;
  /** Number of the model's version. */
  version?: string;
}

const LONGEST = 2_000;

/**
 * Reads what stands behind `#`: `#/experiments/<id>`, `…/runs/<run>`, `…/models/<logged model>`, `#/models/<name>`, `…/versions/<n>`. What MLflow's
 * pages have behind that, tabs and queries, is left out. Null for anything else.
 */
export function linkTarget(hash: string): LinkTarget | null {
  if (hash.length > LONGEST) return null;
  const path = hash.replace(/^#/, "").split("?")[0] ?? "";
  const [root, list, id, inner, innerId] = path.split("/").map(decoded);
  if (root !== "" || !id) return null;
  if (list === "models") {
    if (inner === "versions" && /^\d{1,9}$/.test(innerId ?? "")) return { kind: "model", id, version: innerId };
    return { kind: "model", id };
  }
  if (list !== "experiments") return null;
  if (inner === "runs" && innerId) return { kind: "run", id: innerId };
  if (inner === "models" && innerId) return { kind: "logged_model", id: innerId };
  return { kind: "experiment", id };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

interface Place {
  team: { slug: string };
  project: { slug: string };
  kind: "experiment" | "run" | "model";
  id: string;
}

/** Our page of what was found there. */
export function placePath({ team, project, kind, id }: Place, version: string | undefined): string {
  const base = `/${team.slug}/${project.slug}`;
  if (kind === "run") return runPath(base, id);
  if (kind === "experiment") return `${base}/runs?experiment=${encodeURIComponent(id)}`;
  return version === undefined ? modelPath(base, id) : modelVersionPath(base, id, `v${version}`);
}
