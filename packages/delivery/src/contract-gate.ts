import { isAppError } from "@ballast/core";
import type { FeatureViewDefinition, ServingSpec } from "@ballast/db";
import type { OnnxModel } from "@ballast/onnx";
import { checkServing } from "@ballast/registry/server";
import type { GateResult } from "./gates.ts";

export interface ContractFacts {
  serving: ServingSpec;
  views: readonly FeatureViewDefinition[];
  /** Versions of data it was trained on, with the state they have now. */
  data: { label: string; state: string }[];
}

/** Serving bindings against the model's own signature and the feature views, and the training data's acceptance. */
export function contractGate(onnx: OnnxModel, facts: ContractFacts): GateResult {
  const measured = { features: facts.serving.features.length, datasetVersions: facts.data.length };
  const fail = (message: string): GateResult => ({ gate: "contract", passed: false, message, measured });
  try {
    checkServing(onnx, facts.serving, facts.views);
  } catch (error) {
    if (isAppError(error)) return fail(error.publicMessage);
    throw error;
  }
  const refused = facts.data.find((version) => version.state !== "accepted");
  if (refused) return fail(`It was trained on ${refused.label}, which is ${refused.state}, not accepted.`);
  const data = facts.data.length === 0 ? "no stored training data is named" : "training data accepted";
  const message = `${facts.serving.features.length} features bound to existing views in the model's order; ${data}.`;
  return { gate: "contract", passed: true, message, measured };
}
