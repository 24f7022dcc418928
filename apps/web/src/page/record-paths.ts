/** Addresses of records below a project's base. */

const segment = encodeURIComponent;

export const datasetPath = (base: string, name: string, version?: number): string =>
  `${base}/datasets/${segment(name)}${version === undefined ? "" : `?version=${version}`}`;
export const featureViewPath = (base: string, name: string, version?: number): string =>
  `${base}/features/${segment(name)}${version === undefined ? "" : `?version=${version}`}`;
export const runPath = (base: string, id: string): string => `${base}/runs/${segment(id)}`;
export const jobPath = (base: string, id: string): string => `${base}/training/${segment(id)}`;
export const modelPath = (base: string, name: string): string => `${base}/models/${segment(name)}`;
/** `version` is its number as `v3`, or its id. */
export const modelVersionPath = (base: string, model: string, version: string): string =>
  `${modelPath(base, model)}/${segment(version)}`;
export const deploymentPath = (base: string, name: string): string => `${base}/deployments/${segment(name)}`;
export const rolloutPath = (base: string, deployment: string, id: string): string =>
  `${deploymentPath(base, deployment)}?rollout=${segment(id)}`;

/** The address of a thing's lineage. */
export function lineagePath(base: string, node: { kind: string; id: string }): string {
  return `${base}/lineage?${new URLSearchParams({ kind: node.kind, id: node.id }).toString()}`;
}

/** A label as records write it, "flight-late v3", in its two parts; null where it has another form. */
export function splitVersionLabel(label: string): { name: string; version: number } | null {
  const found = /^(.+) v(\d+)$/.exec(label);
  return found?.[1] && found[2] ? { name: found[1], version: Number(found[2]) } : null;
}

/** Where a thing that a run read or made has its page; undefined where it has none. */
export function artifactPath(base: string, artifact: { kind: string; id: string; label: string }): string | undefined {
  const named = splitVersionLabel(artifact.label);
  switch (artifact.kind) {
    case "dataset_version":
      return named ? datasetPath(base, named.name, named.version) : undefined;
    case "feature_view":
      return named ? featureViewPath(base, named.name, named.version) : featureViewPath(base, artifact.label);
    case "model_version":
      return named ? modelVersionPath(base, named.name, `v${named.version}`) : undefined;
    // These have no page of their own: where they come from and go is what there is to see.
    case "logged_model":
      return lineagePath(base, artifact);
    case "dataset":
      return artifact.id.startsWith("tds_")
        ? lineagePath(base, { kind: "tracked_dataset", id: artifact.id })
        : undefined;
    default:
      return undefined;
  }
}
