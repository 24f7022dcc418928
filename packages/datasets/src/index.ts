/** Dataset versions, data contracts, conversions. Safe for the browser. */
import { z } from "zod";

export * from "./contract.ts";
export * from "./conversions.ts";

export type DatasetFormat = "parquet" | "csv";

export const timeNormalisationSchema = z.strictObject({
  column: z.string().min(1),
  zoneBy: z.string().min(1),
  zones: z.record(z.string(), z.string()),
});

/** A new version of a dataset from an uploaded file. */
export const newDatasetVersionSchema = z.strictObject({
  dataset: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,59}$/, "must be lower-case letters, digits, _ and -, at most 60, e.g. flights"),
  description: z.string().max(2000).optional(),
  /** SHA-256 of the uploaded file. */
  sourceDigest: z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 that the upload answered, 64 hex digits"),
  /** Unit by column, e.g. `{ "distance": "mile" }`. */
  declaredUnits: z.record(z.string(), z.string().min(1).max(40)).default({}),
  time: timeNormalisationSchema.nullable().default(null),
});
export type NewDatasetVersion = z.input<typeof newDatasetVersionSchema>;
