import {
  type GraphProto,
  type ModelProto,
  type NodeProto,
  TensorProto_DataType as T,
  type ValueInfoProto,
} from "onnx-buf";
import { parseModel } from "./parse-model.ts";

/** Tensor datatypes in the words of the Open Inference Protocol v2; `OPAQUE` is a type it cannot carry. */
export type OipDatatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "FP32"
  | "FP64"
  | "BF16"
  | "BYTES"
  | "OPAQUE";

/** One input or output of a model. */
export interface OnnxTensor {
  name: string;
  datatype: OipDatatype;
  /** -1 for a dimension known only at run time; null when the model does not even state the rank. */
  shape: number[] | null;
}

/** What a model file says about itself. */
export interface OnnxModel {
  irVersion: number;
  /** Operator-set version by domain; `""` is the default domain ai.onnx. */
  opsets: Record<string, number>;
  producer: string;
  producerVersion: string;
  /** Inputs a caller must give: graph inputs that have no initializer. */
  inputs: OnnxTensor[];
  outputs: OnnxTensor[];
  /** Every operator used, those in sub-graphs and functions included, each once. */
  operators: { domain: string; opType: string; count: number }[];
  /** `metadata_props`. */
  metadata: Record<string, string>;
}

const DATATYPES = new Map<number, OipDatatype>([
  [T.BOOL, "BOOL"],
  [T.UINT8, "UINT8"],
  [T.UINT16, "UINT16"],
  [T.UINT32, "UINT32"],
  [T.UINT64, "UINT64"],
  [T.INT8, "INT8"],
  [T.INT16, "INT16"],
  [T.INT32, "INT32"],
  [T.INT64, "INT64"],
  [T.FLOAT16, "FP16"],
  [T.FLOAT, "FP32"],
  [T.DOUBLE, "FP64"],
  [T.BFLOAT16, "BF16"],
  [T.STRING, "BYTES"],
]);

/** The default domain has two spellings; `""` is the one used here. */
export function canonicalDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** Every node of a graph and of the graphs in its attributes (the bodies of If, Loop and Scan). */
export function* everyNode(nodes: NodeProto[]): Generator<NodeProto> {
  for (const node of nodes) {
    yield node;
    for (const graph of subgraphs(node)) yield* everyNode(graph.node);
  }
}

export function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap((attribute) => (attribute.g ? [attribute.g, ...attribute.graphs] : attribute.graphs));
}

function tensorOf(info: ValueInfoProto): OnnxTensor {
  const type = info.type?.value;
  if (type?.case !== "tensorType") return { name: info.name, datatype: "OPAQUE", shape: null };
  const shape = type.value.shape?.dim.map((dim) =>
    dim.value.case === "dimValue" && dim.value.value >= 0n ? Number(dim.value.value) : -1,
  );
  return { name: info.name, datatype: DATATYPES.get(type.value.elemType) ?? "OPAQUE", shape: shape ?? null };
}

/**
 * Reads what an ONNX file says about itself, without judging whether it can run (see `checkModel`).
 * Follows onnx.proto3, IR version 3 and later.
 * @throws AppError `invalid_input` when the bytes are not a complete ONNX model.
 */
export function readModel(bytes: Uint8Array): OnnxModel {
  return describeModel(parseModel(bytes));
}

export function describeModel(model: ModelProto): OnnxModel {
  const graph = model.graph;
  const given = new Set(graph?.initializer.map((tensor) => tensor.name));
  const operators = new Map<string, { domain: string; opType: string; count: number }>();
  const nodes = [...(graph?.node ?? []), ...model.functions.flatMap((body) => body.node)];
  for (const node of everyNode(nodes)) {
    const domain = canonicalDomain(node.domain);
    const key = `${domain}:${node.opType}`;
    const seen = operators.get(key);
    if (seen) seen.count++;
    else operators.set(key, { domain, opType: node.opType, count: 1 });
  }
  return {
    irVersion: Number(model.irVersion),
    opsets: Object.fromEntries(model.opsetImport.map((set) => [canonicalDomain(set.domain), Number(set.version)])),
    producer: model.producerName,
    producerVersion: model.producerVersion,
    inputs: (graph?.input ?? []).filter((input) => !given.has(input.name)).map(tensorOf),
    outputs: (graph?.output ?? []).map(tensorOf),
    operators: [...operators.values()],
    metadata: Object.fromEntries(model.metadataProps.map((entry) => [entry.key, entry.value])),
  };
}
