import { claimArtifact, type ScanVerdict } from "@ballast/artifacts/server";
import { withTenant } from "@ballast/db";
import { inspectUpload } from "@ballast/experiments/files";
import type { FileDeps } from "../artifacts/mlflow-files.ts";
import { discard, incoming } from "../artifacts/receive.ts";
import type { Call } from "../http/call.ts";
import { scopeOf } from "../http/caller-scope.ts";
import { refuseField } from "./fields.ts";

/**
 * `PUT /v1/artifacts`: the body becomes an artifact of the caller's team, scanned before it is stored. `?digest=<sha-256>` refuses any other
 * content.
 */
export async function upload(call: Call, deps: FileDeps): Promise<void> {
  const { request } = call;
  try {
    const expected = new URLSearchParams(call.search).get("digest");
    if (expected !== null && !/^[0-9a-f]{64}$/.test(expected))
      refuseField("digest", "must be 64 lower-case hex digits");
    const scope = scopeOf(call.caller);
    const { source, ...body } = await incoming(request, deps.artifacts, deps.maxUploadBytes);
    let scan: ScanVerdict = null;
    const stored = await deps.artifacts.put(source, {
      ...body,
      ...(expected === null ? {} : { expectedDigest: expected }),
      inspect: async (file, size) => {
        scan = await inspectUpload(deps.db, scope, { file, size, name: "upload", subject: scope.projectId });
      },
    });
    await withTenant(deps.db, scope.teamId, (tx) => claimArtifact(tx, deps.artifacts, scope.teamId, stored, scan));
    call.answer(stored);
  } catch (error) {
    discard(request);
    throw error;
  }
}
