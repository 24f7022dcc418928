import type { ArtifactStore } from "@ballast/artifacts";
import type { Scope } from "@ballast/core";
import { type Database, withTenant } from "@ballast/db";
import { type OnnxModel, readModel } from "@ballast/onnx";
import { type ArtifactEntry, getArtifact } from "./artifact-tree.ts";

/** Bytes of a text that are looked at. */
const MOST_TEXT = 512 * 1_024;
/** Larger pictures and models are for downloading. */
const MOST_IMAGE = 4 * 1_024 * 1_024;
const MOST_ONNX = 32 * 1_024 * 1_024;

const IMAGES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
};

export type ArtifactContent =
  | { kind: "image"; mediaType: string; base64: string }
  /** The beginning of the file; `truncated` where there is more. */
  | { kind: "text"; text: string; truncated: boolean }
  | { kind: "onnx"; model: Omit<OnnxModel, "metadata"> }
  | { kind: "none"; reason: "large" | "binary" | "broken" };

export interface ArtifactPreview extends ArtifactEntry {
  content: ArtifactContent;
}

/** A look at a file of a run or logged model: a picture, the beginning of a text, or what a model says of itself. @throws AppError `not_found` */
export async function previewArtifact(
  { db, artifacts }: { db: Database; artifacts: ArtifactStore },
  scope: Scope,
  ownerId: string,
  path: string,
): Promise<ArtifactPreview> {
  const entry = await withTenant(db, scope.teamId, (tx) => getArtifact(tx, scope, ownerId, path));
  return { ...entry, content: await contentOf(artifacts, entry) };
}

async function contentOf(
  artifacts: ArtifactStore,
  { path, digest, sizeBytes }: ArtifactEntry,
): Promise<ArtifactContent> {
  const ending = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const mediaType = IMAGES[ending];
  if (mediaType) {
    if (sizeBytes > MOST_IMAGE) return { kind: "none", reason: "large" };
    return { kind: "image", mediaType, base64: (await beginning(artifacts, digest, sizeBytes)).toString("base64") };
  }
  if (ending === "onnx") {
    if (sizeBytes > MOST_ONNX) return { kind: "none", reason: "large" };
    return onnxContent(await beginning(artifacts, digest, sizeBytes));
  }
  const bytes = await beginning(artifacts, digest, Math.min(sizeBytes, MOST_TEXT));
  return textContent(bytes, sizeBytes > MOST_TEXT);
}

async function beginning(artifacts: ArtifactStore, digest: string, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  const { stream } = await artifacts.open(digest, { start: 0, end: length - 1 });
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(0, length);
}

function onnxContent(bytes: Buffer): ArtifactContent {
  try {
    const { metadata: _own, ...model } = readModel(bytes);
    return { kind: "onnx", model };
  } catch {
    // Named like a model, and none: that is all a preview can say.
    return { kind: "none", reason: "broken" };
  }
}

/** Text as UTF-8; a character that the cut went through is dropped. What is no text has a zero byte or other bytes than UTF-8's. */
export function textContent(bytes: Uint8Array, truncated: boolean): ArtifactContent {
  if (bytes.includes(0)) return { kind: "none", reason: "binary" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: truncated });
    return { kind: "text", text, truncated };
  } catch {
    return { kind: "none", reason: "binary" };
  }
}
