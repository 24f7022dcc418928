import type { TrainingTable } from "@ballast/plugin-sdk";
import plugin from "@ballast/plugin-trainer-gbdt";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProtoSchema, TensorProto_DataType, type ValueInfoProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { flightsTable } from "../trainer/tables.ts";

/** Late share of the last `count` flights before each row. */
function trailing(label: Float32Array, count: number): Float32Array {
  const out = new Float32Array(label.length);
  let sum = 0;
  for (let i = 0; i < label.length; i++) {
    out[i] = i === 0 ? Number.NaN : sum / Math.min(i, count);
    sum += (label[i] as number) - (i >= count ? (label[i - count] as number) : 0);
  }
  return out;
}

/** trainer-gbdt on a week of flights: 100 trees, 31 leaves, seven features as the demo's congestion model has them. */
export async function trainedModel(): Promise<Uint8Array> {
  const flights = await flightsTable("2001-01-08", "2001-01-15");
  const [distance, hour, weekday] = flights.features as [Float32Array, Float32Array, Float32Array];
  const shares = [300, 3_000, 600, 6_000].map((count) => trailing(flights.label, count));
  const table: TrainingTable = {
    rows: flights.rows,
    featureNames: ["hour", "weekday", "distance", "origin_3h", "origin_24h", "destination_3h", "destination_24h"],
    features: [hour, weekday, distance, ...shares],
    label: flights.label,
  };
  const trainer = plugin.trainers?.[0];
  if (!trainer) throw new Error("trainer-gbdt contributes no trainer.");
  return (await trainer.train({ task: "binary", train: table, params: { maxTrees: 100 }, seed: 1 })).onnx;
}

const SIZE = 1_024;

type Node = MessageInitShape<typeof NodeProtoSchema>;

function value(name: string, width: number): MessageInitShape<typeof ValueInfoProtoSchema> {
  const rows = { value: { case: "dimParam" as const, value: "rows" } };
  const columns = { value: { case: "dimValue" as const, value: BigInt(width) } };
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim: [rows, columns] } };
  return { name, type: { value: { case: "tensorType", value: tensor } } };
}

function weights(name: string, rows: number, columns: number) {
  const data = Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i) / Math.sqrt(rows));
  const rawData = new Uint8Array(data.buffer);
  return { name, dataType: TensorProto_DataType.FLOAT, dims: [BigInt(rows), BigInt(columns)], rawData };
}

/** A chain of matrix products from `width` features to one output. */
function chainModel(width: number, layers: number): Uint8Array {
  const node = [{ opType: "MatMul", input: ["features", "first"], output: ["h0"] }] as Node[];
  for (let i = 0; i < layers; i++) {
    node.push({ opType: "MatMul", input: [`h${i}`, "middle"], output: [`m${i}`] });
    node.push({ opType: "Tanh", input: [`m${i}`], output: [`h${i + 1}`] });
  }
  node.push({ opType: "MatMul", input: [`h${layers}`, "last"], output: ["score"] });
  node.push({ opType: "Sigmoid", input: ["score"], output: ["probability"] });
  const model = create(ModelProtoSchema, {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: 13n }],
    graph: {
      name: "chain",
      node,
      input: [value("features", width)],
      output: [value("probability", 1)],
      initializer: [weights("first", width, SIZE), weights("middle", SIZE, SIZE), weights("last", SIZE, 1)],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

async function runMs(model: Uint8Array, width: number): Promise<number> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const before = performance.now();
    await session.run({ features: new Tensor("float32", new Float32Array(width), [1, width]) });
    times.push(performance.now() - before);
  }
  await session.release();
  return times.sort((a, b) => a - b)[4] as number;
}

/** A model whose one-row run takes about `ms` on this machine now. */
export async function slowModel(width: number, ms: number): Promise<{ model: Uint8Array; ms: number }> {
  const probe = 10;
  const perLayer = (await runMs(chainModel(width, probe), width)) / probe;
  const model = chainModel(width, Math.max(1, Math.round(ms / perLayer)));
  return { model, ms: await runMs(model, width) };
}
