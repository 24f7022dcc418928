import { fileURLToPath } from "node:url";
import type { TrainingTable } from "@ballast/plugin-sdk";
import { DuckDBInstance } from "@duckdb/node-api";

/** Uniform numbers in [0, 1) (Park and Miller's minimal standard generator), the same on every machine. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** `rows` x 10 normal features of which five matter, 10 % missing at random; the label is drawn from a logistic model. */
export function syntheticTable(rows: number, seed: number): TrainingTable {
  const u = uniform(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - u())) * Math.cos(2 * Math.PI * u());
  const featureNames = Array.from({ length: 10 }, (_, j) => `x${j}`);
  const features = featureNames.map(() => new Float32Array(rows));
  const label = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    let score = -1;
    for (const [j, column] of features.entries()) {
      const x = normal();
      if (j < 5) score += x * (j % 2 === 1 ? 1 : -0.7) + (j === 2 ? x * x * 0.5 : 0);
      column[i] = u() < 0.1 ? Number.NaN : x;
    }
    label[i] = u() < 1 / (1 + Math.exp(-score)) ? 1 : 0;
  }
  return { rows, featureNames, features, label };
}

/** US flights of 2001 that left in [from, to): distance (miles), local hour and weekday; label: 15 or more minutes late. */
export async function flightsTable(from: string, to: string): Promise<TrainingTable> {
  const parquet = fileURLToPath(new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets")));
  const instance = await DuckDBInstance.create(":memory:", { threads: "1", memory_limit: "1GB" });
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT distance::DOUBLE, hour(date)::DOUBLE, isodow(date)::DOUBLE, (delay >= 15)::INT::DOUBLE
     FROM read_parquet($parquet, file_row_number = true) WHERE date >= $from::TIMESTAMP AND date < $to::TIMESTAMP ORDER BY date, file_row_number`,
    { parquet, from, to },
  );
  const [distance, hour, weekday, label] = reader.getColumns().map((column) => Float32Array.from(column as number[]));
  connection.closeSync();
  if (!distance || !hour || !weekday || !label) throw new Error(`No flights between ${from} and ${to}.`);
  return {
    rows: label.length,
    featureNames: ["distance", "hour", "weekday"],
    features: [distance, hour, weekday],
    label,
  };
}
