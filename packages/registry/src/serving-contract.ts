import { AppError } from "@ballast/core";
import type { FeatureViewDefinition, ModelSignature, ServingSpec } from "@ballast/db";
import type { OnnxModel, OnnxTensor } from "@ballast/onnx";

function refuse(field: string, message: string, details: Record<string, unknown> = {}): AppError {
  return new AppError("unprocessable", `${field}: ${message}`, { details: { field, ...details } });
}

function shapeText(tensor: OnnxTensor): string {
  return tensor.shape === null ? "unknown rank" : `[${tensor.shape.join(", ")}]`;
}

function findTensor(side: "tensor" | "output", tensors: OnnxTensor[], name: string): OnnxTensor {
  const found = tensors.find((tensor) => tensor.name === name);
  if (found) return found;
  const what = side === "tensor" ? "input" : "output";
  const known = tensors.map((tensor) => tensor.name).join(", ");
  throw refuse(`serving.${side}`, `the model has no ${what} "${name}"; it has ${known}.`);
}

function checkInput(model: OnnxModel, serving: ServingSpec): void {
  const tensor = findTensor("tensor", model.inputs, serving.tensor);
  const other = model.inputs.find((input) => input.name !== serving.tensor);
  if (other) {
    throw refuse(
      "serving.tensor",
      `the model also needs the input "${other.name}", which nothing fills. Export one input tensor that holds all features.`,
    );
  }
  if (tensor.datatype !== "FP32") {
    throw refuse("serving.tensor", `"${tensor.name}" is ${tensor.datatype}; features are served as FP32.`);
  }
  const [rows, width] = tensor.shape ?? [];
  if (tensor.shape?.length !== 2 || rows === undefined || width === undefined) {
    throw refuse(
      "serving.tensor",
      `"${tensor.name}" has shape ${shapeText(tensor)}; [-1, number of features] is needed.`,
    );
  }
  if (rows !== -1) {
    throw refuse(
      "serving.tensor",
      `"${tensor.name}" takes exactly ${rows} rows. Export it with a free first dimension.`,
    );
  }
  if (width !== -1 && width !== serving.features.length) {
    throw refuse(
      "serving.features",
      `${serving.features.length} features are bound, but "${tensor.name}" is ${width} wide. Bind one feature per column, in order.`,
      { bound: serving.features.length, width },
    );
  }
}

function checkOutput(model: OnnxModel, serving: ServingSpec): void {
  const tensor = findTensor("output", model.outputs, serving.output);
  if (tensor.datatype !== "FP32" && tensor.datatype !== "FP64") {
    throw refuse("serving.output", `"${tensor.name}" is ${tensor.datatype}; a prediction is FP32 or FP64.`);
  }
  const shape = tensor.shape;
  const onePerRow = shape === null || shape.length === 1 || (shape.length === 2 && (shape[1] === 1 || shape[1] === -1));
  if (!onePerRow) {
    throw refuse(
      "serving.output",
      `"${tensor.name}" has shape ${shapeText(tensor)}; one number per row is needed: [-1, 1].`,
    );
  }
}

/** A model that names its inputs (metadata `ballast.features`) must get them in that order. */
function checkOrder(model: OnnxModel, serving: ServingSpec): void {
  const stated = model.metadata["ballast.features"];
  if (stated === undefined) return;
  let names: unknown;
  try {
    names = JSON.parse(stated);
  } catch {
    return;
  }
  if (!Array.isArray(names)) return;
  serving.features.forEach((binding, i) => {
    if (names[i] === binding.input) return;
    throw refuse(
      `serving.features[${i}].input`,
      `"${binding.input}" is bound to column ${i}, which the model calls "${String(names[i])}".`,
    );
  });
}

/** Checks the bindings against the project's feature views; throws naming the binding that points nowhere. */
export function checkBindings(serving: ServingSpec, views: readonly FeatureViewDefinition[]): void {
  serving.features.forEach((binding, i) => {
    const view = views.find((candidate) => candidate.name === binding.view);
    if (!view) {
      const known = views.map((candidate) => candidate.name).join(", ") || "none";
      throw refuse(
        `serving.features[${i}].view`,
        `feature view "${binding.view}" does not exist. Define it first; there are: ${known}.`,
      );
    }
    if (view.features.some((feature) => feature.name === binding.feature)) return;
    const known = view.features.map((feature) => feature.name).join(", ");
    throw refuse(
      `serving.features[${i}].feature`,
      `feature view "${view.name}" has no feature "${binding.feature}"; it has ${known}.`,
    );
  });
}

/** What the model takes and gives, in the Open Inference Protocol's words; a tensor of unknown rank has an empty shape. */
export function signatureOf(model: OnnxModel): ModelSignature {
  const spec = (tensor: OnnxTensor) => ({
    name: tensor.name,
    datatype: tensor.datatype,
    shape: tensor.shape ?? [],
  });
  return { inputs: model.inputs.map(spec), outputs: model.outputs.map(spec) };
}

/**
 * Checks that a model can be served from feature views: one FP32 input [-1, k] with k bindings in the model's own order,
 * one number per row out, every binding naming a feature that exists.
 * @throws AppError `unprocessable`, its message naming the field of `serving` and the fix
 */
export function checkServing(
  model: OnnxModel,
  serving: ServingSpec,
  views: readonly FeatureViewDefinition[],
): ModelSignature {
  checkInput(model, serving);
  checkOutput(model, serving);
  checkOrder(model, serving);
  checkBindings(serving, views);
  return signatureOf(model);
}
