import { AppError } from "@ballast/core";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  type ValueInfoProtoSchema,
} from "onnx-buf";

/** One binary decision tree; parallel arrays indexed by node, node 0 the root. */
export interface TreeNodes {
  /** Column a node asks about; -1 marks a leaf. */
  feature: Int32Array;
  /** A row goes left when `value <= threshold`, compared in float32. */
  threshold: Float32Array;
  left: Int32Array;
  right: Int32Array;
  /** 1: a missing (NaN) value goes left, 0: right. */
  missingLeft: Uint8Array;
  /** What a leaf adds to the score. */
  value: Float32Array;
}

/** A sum of trees: `score = baseValue + sum of leaf values`. */
export interface TreeEnsemble {
  /** `binary`: output `probability` = sigmoid(score). `regression`: output `prediction` = score. */
  task: "binary" | "regression";
  featureNames: string[];
  baseValue: number;
  trees: TreeNodes[];
  /** Further `metadata_props`; keys under `ballast.` are set here. */
  metadata?: Record<string, string>;
}

type Attribute = MessageInitShape<typeof AttributeProtoSchema>;
type ValueInfo = MessageInitShape<typeof ValueInfoProtoSchema>;

const text = new TextEncoder();

function ints(name: string, values: ArrayLike<number>): Attribute {
  const type = AttributeProto_AttributeType.INTS;
  return { name, type, ints: Array.from(values, (value) => BigInt(value)) };
}

function floats(name: string, values: number[]): Attribute {
  return { name, type: AttributeProto_AttributeType.FLOATS, floats: values };
}

function strings(name: string, values: string[]): Attribute {
  const encoded = new Map([...new Set(values)].map((value) => [value, text.encode(value)]));
  const bytes = values.map((value) => encoded.get(value) ?? text.encode(value));
  return { name, type: AttributeProto_AttributeType.STRINGS, strings: bytes };
}

function matrix(name: string, columns: number): ValueInfo {
  const rows = { value: { case: "dimParam" as const, value: "rows" } };
  const width = { value: { case: "dimValue" as const, value: BigInt(columns) } };
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim: [rows, width] } };
  return { name, type: { value: { case: "tensorType", value: tensor } } };
}

/** ONNX Runtime refuses an ensemble without nodes: a model of the base value alone is one leaf that adds nothing. */
const EMPTY_TREE: TreeNodes = {
  feature: Int32Array.of(-1),
  threshold: Float32Array.of(0),
  left: Int32Array.of(-1),
  right: Int32Array.of(-1),
  missingLeft: Uint8Array.of(0),
  value: Float32Array.of(0),
};

function ensembleAttributes(ensemble: TreeEnsemble): Attribute[] {
  const trees = ensemble.trees.length > 0 ? ensemble.trees : [EMPTY_TREE];
  const node = { tree: [] as number[], id: [] as number[], feature: [] as number[], left: [] as number[] };
  const more = { right: [] as number[], missing: [] as number[], threshold: [] as number[], mode: [] as string[] };
  const leaf = { tree: [] as number[], id: [] as number[], value: [] as number[] };
  trees.forEach((tree, t) => {
    for (let i = 0; i < tree.feature.length; i++) {
      const isLeaf = (tree.feature[i] as number) < 0;
      node.tree.push(t);
      node.id.push(i);
      node.feature.push(isLeaf ? 0 : (tree.feature[i] as number));
      node.left.push(isLeaf ? 0 : (tree.left[i] as number));
      more.right.push(isLeaf ? 0 : (tree.right[i] as number));
      more.missing.push(isLeaf ? 0 : (tree.missingLeft[i] as number));
      more.threshold.push(isLeaf ? 0 : (tree.threshold[i] as number));
      more.mode.push(isLeaf ? "LEAF" : "BRANCH_LEQ");
      if (!isLeaf) continue;
      leaf.tree.push(t);
      leaf.id.push(i);
      leaf.value.push(tree.value[i] as number);
    }
  });
  return [
    { name: "n_targets", type: AttributeProto_AttributeType.INT, i: 1n },
    { name: "aggregate_function", type: AttributeProto_AttributeType.STRING, s: text.encode("SUM") },
    { name: "post_transform", type: AttributeProto_AttributeType.STRING, s: text.encode("NONE") },
    floats("base_values", [ensemble.baseValue]),
    ints("nodes_treeids", node.tree),
    ints("nodes_nodeids", node.id),
    ints("nodes_featureids", node.feature),
    ints("nodes_truenodeids", node.left),
    ints("nodes_falsenodeids", more.right),
    ints("nodes_missing_value_tracks_true", more.missing),
    floats("nodes_values", more.threshold),
    strings("nodes_modes", more.mode),
    ints("target_treeids", leaf.tree),
    ints("target_nodeids", leaf.id),
    ints("target_ids", new Uint8Array(leaf.id.length)),
    floats("target_weights", leaf.value),
  ];
}

function checkEnsemble(ensemble: TreeEnsemble): void {
  const { featureNames, baseValue, trees } = ensemble;
  if (featureNames.length === 0)
    throw new AppError("invalid_input", "featureNames is empty: name at least one feature.");
  if (!Number.isFinite(baseValue))
    throw new AppError("invalid_input", `baseValue is ${baseValue}, not a finite number.`);
  trees.forEach((tree, t) => {
    for (let i = 0; i < tree.feature.length; i++) {
      const feature = tree.feature[i] as number;
      if (feature < 0) {
        if (Number.isFinite(tree.value[i])) continue;
        throw new AppError("invalid_input", `Tree ${t}, leaf ${i}: value ${tree.value[i]} is not a finite number.`);
      }
      const left = tree.left[i] as number;
      const right = tree.right[i] as number;
      // Children after their parent: rules out cycles, which would hang a scorer.
      const sound = left > i && right > i && left < tree.feature.length && right < tree.feature.length;
      if (feature < featureNames.length && sound && !Number.isNaN(tree.threshold[i])) continue;
      throw new AppError("invalid_input", `Tree ${t}, node ${i}: bad feature, threshold or child index.`);
    }
  });
}

/**
 * Builds an ONNX model (IR 8, ai.onnx 17, ai.onnx.ml 3) from a sum of regression trees.
 *
 * Input `features` float32 [rows, k]; output `probability` (binary, sigmoid applied) or `prediction` (regression),
 * float32 [rows, 1]. NaN follows each node's `missingLeft`. The sigmoid is a node of its own because ONNX Runtime's
 * TreeEnsembleRegressor ignores `post_transform` LOGISTIC for a single target.
 * Feature names are kept in `metadata_props` as `ballast.features` (a JSON array), the task as `ballast.task`.
 *
 * Source: ONNX ai.onnx.ml operator specification, TreeEnsembleRegressor-3.
 * @throws AppError `invalid_input` for trees that are not well formed or hold non-finite values
 */
export function buildTreeEnsembleModel(ensemble: TreeEnsemble): Uint8Array {
  checkEnsemble(ensemble);
  const binary = ensemble.task === "binary";
  const score = binary ? "score" : "prediction";
  const output = binary ? "probability" : "prediction";
  const attribute = ensembleAttributes(ensemble);
  const trees = { name: "trees", domain: "ai.onnx.ml", opType: "TreeEnsembleRegressor" };
  const node = [{ ...trees, input: ["features"], output: [score], attribute }];
  const sigmoid = { name: "sigmoid", opType: "Sigmoid", input: [score], output: [output] };
  const metadata = {
    ...ensemble.metadata,
    "ballast.features": JSON.stringify(ensemble.featureNames),
    "ballast.task": ensemble.task,
  };
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    producerName: "ballast",
    opsetImport: [
      { domain: "", version: 17n },
      { domain: "ai.onnx.ml", version: 3n },
    ],
    graph: {
      name: "tree_ensemble",
      node: binary ? [...node, sigmoid] : node,
      input: [matrix("features", ensemble.featureNames.length)],
      output: [matrix(output, 1)],
    },
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
  });
  return toBinary(ModelProtoSchema, model);
}
