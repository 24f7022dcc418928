import { quote } from "@ballast/inference-protocol";
import type { DeploymentSnapshot } from "../sync/snapshot.ts";
import type { Role } from "./deployment-plan.ts";
import type { PredictionJob } from "./prediction-job.ts";

/**
 * The part of a prediction's record that is the same for all rows of a version in a role. Records are put together by
 * hand because there is one for every row answered; their shape is `PredictionRecord` of `@ballast/artifacts`.
 */
export function recordMiddle(
  deployment: DeploymentSnapshot,
  versionId: string,
  role: Role,
  conversion: number,
): string {
  return `"dep":${quote(deployment.id)},"v":${quote(versionId)},"role":"${role}","conv":${conversion}`;
}

/** A float32 row as JSON numbers, null for a missing value. */
function featuresJson(features: Float32Array, from: number, width: number): string {
  let json = "";
  for (let j = 0; j < width; j++) {
    const value = features[from + j] as number;
    if (j > 0) json += ",";
    json += Number.isNaN(value) ? "null" : value;
  }
  return json;
}

/** The journal payload of one answered row. */
export function predictionPayload(job: PredictionJob, row: number, y: number, us: number): string {
  const { arm, requestId, routing } = job;
  const width = arm.bindings.width;
  return `{"k":"p","id":"${job.ids[row]}","rid":${requestId === null ? "null" : quote(requestId)},"row":${row},"t":${job.times[row]},"at":${job.at},${
    arm.recordMiddle[job.role]
  },"rt":${routing},"req":${JSON.stringify(job.requests[row])},"f":[${featuresJson(job.features, row * width, width)}],"y":${y},"us":${us}}`;
}

/** The journal payload of a request that failed after a version was chosen. */
export function errorPayload(job: PredictionJob, code: string, us: number): string {
  const { requestId, plan, arm, role, routing } = job;
  const t = job.times[0] ?? job.at;
  return `{"k":"e","dep":${quote(plan.snapshot.id)},"v":${quote(arm.version.id)},"role":"${role}","t":${t},"at":${job.at},"code":"${code}","us":${us},"rt":${routing},"rid":${
    requestId === null ? "null" : quote(requestId)
  }}`;
}

/** The journal payload of a row scored by a version that did not answer. */
export function shadowPayload(id: string, t: number, deploymentId: string, versionId: string, y: number): string {
  return `{"k":"s","id":"${id}","t":${t},"dep":${quote(deploymentId)},"v":${quote(versionId)},"y":${y}}`;
}
