import { invalidParameter } from "./errors.ts";

/** A place below the artifact root that all share: whose it is, and where below their own root. */
export interface ArtifactPlace {
  /** Id of the run or logged model. */
  ownerId: string;
  /** Empty for the root. */
  path: string;
}

/** `<experiment>/<run>/artifacts/…` and `<experiment>/models/<model>/artifacts/…`. */
const PLACE = /^[^/]+\/(?:models\/)?([^/]+)\/artifacts(?:\/(.*))?$/s;

/** What a path of the artifact proxy names; null for a folder above the runs and models. */
export function artifactPlace(proxied: string): ArtifactPlace | null {
  const [, ownerId, path = ""] = PLACE.exec(withoutOuterSlashes(proxied)) ?? [];
  return ownerId === undefined ? null : { ownerId, path };
}

/** Not by a pattern: one that looks for slashes at the end starts again at every slash. */
function withoutOuterSlashes(path: string): string {
  let [from, to] = [0, path.length];
  while (from < to && path[from] === "/") from++;
  while (to > from && path[to - 1] === "/") to--;
  return path.slice(from, to);
}

/** The same, for a request that must name a file. @throws MlflowError */
export function artifactFile(proxied: string): ArtifactPlace {
  const place = artifactPlace(proxied);
  if (place === null || place.path === "") throw invalidParameter("Invalid path");
  return place;
}
