import {
  type AttributeProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataLocation,
} from "onnx-buf";
import { modelError, parseModel } from "./parse-model.ts";
import { canonicalDomain, describeModel, everyNode, type OnnxModel, subgraphs } from "./read-model.ts";
import { RUNTIME_MAX_IR_VERSION, RUNTIME_MAX_OPSET, RUNTIME_OPERATORS, RUNTIME_VERSION } from "./runtime-operators.ts";

const RUNTIME = new Set(
  Object.entries(RUNTIME_OPERATORS).flatMap(([domain, names]) => names.split(" ").map((name) => `${domain}:${name}`)),
);

function checkOperators(model: ModelProto, supported: ReadonlySet<string> | undefined): void {
  const own = new Set(model.functions.map((body) => `${canonicalDomain(body.domain)}:${body.name}`));
  const declared = new Set(model.opsetImport.map((set) => canonicalDomain(set.domain)));
  const nodes = [...(model.graph?.node ?? []), ...model.functions.flatMap((body) => body.node)];
  for (const node of everyNode(nodes)) {
    const domain = canonicalDomain(node.domain);
    const key = `${domain}:${node.opType}`;
    const label = `${domain === "" ? "ai.onnx" : domain}.${node.opType}`;
    if (own.has(key)) continue;
    if (!(supported ?? RUNTIME).has(key)) {
      const where = supported ? "the list of supported operators" : `ONNX Runtime ${RUNTIME_VERSION} (CPU)`;
      throw modelError(`The model uses the operator ${label}, which is not in ${where}.`, {
        operator: label,
        node: node.name,
      });
    }
    if (!declared.has(domain)) {
      throw modelError(`The model uses ${label} but imports no operator set for its domain.`, { operator: label });
    }
  }
}

function* tensorsOfAttribute(attribute: AttributeProto): Generator<TensorProto> {
  if (attribute.t) yield attribute.t;
  yield* attribute.tensors;
  for (const sparse of attribute.sparseTensor ? [attribute.sparseTensor, ...attribute.sparseTensors] : []) {
    if (sparse.values) yield sparse.values;
    if (sparse.indices) yield sparse.indices;
  }
}

function* tensorsOfNodes(nodes: NodeProto[]): Generator<TensorProto> {
  for (const node of nodes) {
    for (const attribute of node.attribute) yield* tensorsOfAttribute(attribute);
    for (const body of subgraphs(node)) yield* tensorsOfGraph(body);
  }
}

function* tensorsOfGraph(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const sparse of graph.sparseInitializer) {
    if (sparse.values) yield sparse.values;
    if (sparse.indices) yield sparse.indices;
  }
  yield* tensorsOfNodes(graph.node);
}

function* everyTensor(model: ModelProto): Generator<TensorProto> {
  if (model.graph) yield* tensorsOfGraph(model.graph);
  for (const body of model.functions) yield* tensorsOfNodes(body.node);
}

/** A stored model is one file: weights elsewhere would be missing at best, and read from the host's disk at worst. */
function checkTensors(model: ModelProto): void {
  for (const tensor of everyTensor(model)) {
    if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL && tensor.externalData.length === 0) continue;
    const location = tensor.externalData.find((entry) => entry.key === "location")?.value ?? "";
    const outside = /^([a-z]:|[\\/])/i.test(location) || location.split(/[\\/]/).includes("..");
    throw modelError(
      `The tensor "${tensor.name}" keeps its data in ${outside ? "a file outside the model's folder" : "another file"}` +
        ` ("${location}"). Save the model as one file (onnx.save with save_as_external_data=False).`,
      { tensor: tensor.name, location },
    );
  }
}

/** Every value a node reads must exist before it; a cut or edited graph breaks this. */
function checkWiring(graph: GraphProto): void {
  const known = new Set<string>([...graph.input, ...graph.initializer].map((value) => value.name));
  for (const sparse of graph.sparseInitializer) if (sparse.values) known.add(sparse.values.name);
  for (const node of graph.node) {
    const missing = node.input.find((name) => name !== "" && !known.has(name));
    if (missing !== undefined) {
      throw modelError(`The node "${node.name}" (${node.opType}) reads "${missing}", which nothing before it makes.`);
    }
    for (const name of node.output) known.add(name);
  }
  const orphan = graph.output.find((output) => !known.has(output.name));
  if (orphan) throw modelError(`Nothing in the model makes its output "${orphan.name}".`, { output: orphan.name });
}

function checkVersions(info: OnnxModel): void {
  if (info.irVersion > RUNTIME_MAX_IR_VERSION) {
    throw modelError(
      `The model has IR version ${info.irVersion}; ONNX Runtime ${RUNTIME_VERSION} reads up to ${RUNTIME_MAX_IR_VERSION}.`,
    );
  }
  const opset = info.opsets[""] ?? 0;
  if (opset > RUNTIME_MAX_OPSET) {
    throw modelError(
      `The model is written for operator set ${opset}; ONNX Runtime ${RUNTIME_VERSION} knows up to ${RUNTIME_MAX_OPSET}.`,
    );
  }
}

/**
 * Checks that a file is one complete ONNX model that ONNX Runtime's CPU provider can be expected to run, and returns what
 * it says about itself. It finds what a person can act on; creating a session remains the last word.
 *
 * Refused: empty, truncated or foreign files; operators neither in ONNX Runtime nor defined by the model; versions newer
 * than the runtime; tensors stored outside the file; values that nothing makes; inputs or outputs that are not tensors.
 * A cut that removes only trailing metadata cannot be seen here: the artifact's hash guards against it.
 *
 * @param supportedOps operators to accept in place of the runtime's, as `domain:OpType` (`:Add`, `ai.onnx.ml:Scaler`)
 * @throws AppError `invalid_input`, its message naming the part and the fix
 */
export function checkModel(bytes: Uint8Array, supportedOps?: ReadonlySet<string>): OnnxModel {
  const model = parseModel(bytes);
  const info = describeModel(model);
  checkVersions(info);
  checkTensors(model);
  checkOperators(model, supportedOps);
  if (model.graph) checkWiring(model.graph);
  if (info.outputs.length === 0) throw modelError("The model has no output.");
  for (const [side, tensors] of [["input", info.inputs] as const, ["output", info.outputs] as const]) {
    const opaque = tensors.find((tensor) => tensor.datatype === "OPAQUE");
    if (opaque) {
      throw modelError(
        `The ${side} "${opaque.name}" is not a tensor that can be served. Export plain tensors (skl2onnx: zipmap=False).`,
        { [side]: opaque.name },
      );
    }
  }
  return info;
}
