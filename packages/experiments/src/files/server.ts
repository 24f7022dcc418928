/** Files of runs and logged models. */
export { type ArtifactOwner, artifactOwner } from "./artifact-owner.ts";
export { artifactFolder, artifactPath } from "./artifact-path.ts";
export * from "./artifact-tree.ts";
export { inspectUpload } from "./inspect-upload.ts";
export * from "./uploads.ts";
