import { AppError } from "@ballast/core";
import type { NeededColumn } from "@ballast/features";
import { type ModelMetadata, ONNX_PLATFORM, type TensorMetadata } from "@ballast/inference-protocol";
import type { Call } from "../http/call.ts";
import { type DeploymentPlan, requestColumns } from "../project/deployment-plan.ts";
import type { Project } from "../project/project.ts";

const DATATYPE: Record<NeededColumn["type"], string> = { number: "FP64", time: "INT64", key: "BYTES" };

/**
 * `GET /v2/models/{name}[/versions/{version}]`: request columns in, prediction and its id out. `parameters` say which
 * routing and conversion revision requests meet now: a sender that must not run ahead of a change waits for them.
 */
export function model(call: Call, project: Project): void {
  const plan = project.plan(call.param("name"));
  checkVersion(plan, call.params.version);
  const answering = plan.champion ?? plan.candidate;
  const inputs: TensorMetadata[] = requestColumns(plan).map(({ name, type }) => ({
    name,
    datatype: DATATYPE[type],
    shape: [-1],
  }));
  const metadata: ModelMetadata = {
    name: plan.snapshot.name,
    versions: versionsOf(plan),
    platform: ONNX_PLATFORM,
    inputs,
    outputs: [
      { name: answering?.version.serving.output ?? "prediction", datatype: "FP32", shape: [-1, 1] },
      { name: "prediction_id", datatype: "BYTES", shape: [-1] },
    ],
    parameters: {
      routing_revision: plan.snapshot.routingRevision,
      conversion_revision: plan.conversionRevision,
    },
  };
  call.answer(metadata);
}

/** `GET /v2/models/{name}[/versions/{version}]/ready`. 503 while no version can answer. */
export function modelReady(call: Call, project: Project): void {
  const plan = project.plan(call.param("name"));
  checkVersion(plan, call.params.version);
  if (plan.champion === null && plan.candidate === null) {
    throw new AppError("unavailable", `Model "${plan.snapshot.name}" has no version to answer yet.`);
  }
  call.answer({ name: plan.snapshot.name, ready: true });
}

function versionsOf(plan: DeploymentPlan): string[] {
  return [plan.champion, plan.candidate].flatMap((arm) => (arm ? [String(arm.version.number)] : []));
}

function checkVersion(plan: DeploymentPlan, version: string | undefined): void {
  if (version === undefined || versionsOf(plan).includes(version)) return;
  throw new AppError("not_found", `Version ${version} of model "${plan.snapshot.name}" does not answer requests.`);
}
