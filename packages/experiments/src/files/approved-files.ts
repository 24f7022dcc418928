import { AppError, type Scope } from "@ballast/core";
import { approvals, modelVersions, registeredModels, type Tx } from "@ballast/db";
import { and, eq, inArray, or, sql } from "drizzle-orm";
import { decoded } from "./artifact-path.ts";

const parts = (path: string) => path.split("/").filter((part) => part !== "" && part !== ".");

/**
 * Folders of the owner that a version's source may be read as; empty for a source that does not name the owner. A client may decode it
 * and cut off a fragment, where another reads it as it is written: either folder counts.
 */
export function foldersOfSource(source: string, ownerId: string): string[] {
  const folders = [source, decoded(source), decoded(source.replace(/[?#].*$/s, ""))].flatMap((text) => {
    const [scheme, ...path] = parts(text);
    const at = path.indexOf(ownerId);
    if (at < 0) return [];
    const below = path.slice(at + 1);
    // `mlflow-artifacts:/<experiment>/<run>/artifacts/<path>`, but `runs:/<run>/<path>`.
    if (scheme?.toLowerCase() !== "runs:" && below[0] === "artifacts") below.shift();
    return [below.join("/")];
  });
  return [...new Set(folders)];
}

const within = (path: string, folder: string) => folder === "" || path === folder || path.startsWith(`${folder}/`);

/**
 * Refuses to change files that people approved, or are asked to: a version made of files is only a pointer to them, so other bytes
 * under the same path would be what a guarded alias loads. An added file counts, too: loaders read all that lies in the folder. Also a
 * version with an ONNX file is held, as MLflow clients load what lies beside that file; and one in the trash, whose approval stands when
 * it comes back.
 * @throws AppError `conflict` naming the version
 */
export async function refuseApprovedFiles(tx: Tx, scope: Scope, ownerId: string, path: string): Promise<void> {
  const held = await tx
    .selectDistinct({
      model: registeredModels.name,
      version: modelVersions.version,
      source: modelVersions.source,
      loggedModelId: modelVersions.loggedModelId,
    })
    .from(approvals)
    .innerJoin(
      modelVersions,
      and(eq(modelVersions.teamId, approvals.teamId), eq(modelVersions.id, approvals.versionId)),
    )
    .innerJoin(registeredModels, eq(registeredModels.id, modelVersions.modelId))
    .where(
      and(
        eq(approvals.teamId, scope.teamId),
        eq(approvals.projectId, scope.projectId),
        inArray(approvals.state, ["pending", "approved"]),
        or(eq(modelVersions.loggedModelId, ownerId), sql`strpos(${modelVersions.source}, ${ownerId}) > 0`),
      ),
    );
  const touched = held.find(({ source, loggedModelId }) => {
    const folders = loggedModelId === ownerId ? [""] : foldersOfSource(source ?? "", ownerId);
    return folders.some((folder) => within(path, folder) || within(folder, path));
  });
  if (!touched) return;
  const { model, version } = touched;
  throw new AppError(
    "conflict",
    `path: "${path}" belongs to ${model} version ${version}, which is approved or waits for approval, so its files stay as they are. Log the files anew and register another version.`,
    { details: { field: "path", model, version } },
  );
}
