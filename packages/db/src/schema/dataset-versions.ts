import { bigint, index, integer, jsonb, pgTable, text, uniqueIndex } from "drizzle-orm/pg-core";
import { createdAt, eventTime, tenant } from "./columns.ts";

/** What a column must look like. Inferred from the first version, then held against every later one. */
export interface ColumnContract {
  name: string;
  type: "integer" | "float" | "string" | "timestamp" | "boolean";
  /** Most share of nulls allowed, 0 to 1. */
  maxNullShare: number;
  /** Inclusive numeric range allowed; null where there is none. */
  range: { min: number; max: number } | null;
  /** Known categories; null where the column is not categorical. */
  categories: string[] | null;
  /** e.g. `mile`; null where none is declared. */
  unit: string | null;
}
export interface DataContract {
  columns: ColumnContract[];
  minRows: number;
}
export interface ValidationCheck {
  column: string | null;
  check: "type" | "nulls" | "range" | "categories" | "unit" | "presence" | "rows";
  passed: boolean;
  /** What was measured and what was allowed, in words with numbers. */
  message: string;
  failingRows: number;
}
export interface ValidationReport {
  rows: number;
  checks: ValidationCheck[];
  /** Conversions done on the way in, in words: UTC by airport, dropped rows and why. */
  notes: string[];
}
/** How the source's local time becomes UTC: the IANA zone is looked up by another column's value. */
export interface TimeNormalisation {
  column: string;
  zoneBy: string;
  zones: Record<string, string>;
}

export const datasetVersions = pgTable(
  "dataset_versions",
  {
    ...tenant,
    id: text("id").primaryKey(),
    datasetId: text("dataset_id").notNull(),
    version: integer("version").notNull(),
    state: text("state").$type<"validating" | "accepted" | "refused">().notNull(),
    /** SHA-256 of the file as received, and of the normalised Parquet that everything reads. */
    sourceDigest: text("source_digest").notNull(),
    digest: text("digest"),
    rows: bigint("rows", { mode: "number" }),
    contract: jsonb("contract").$type<DataContract>(),
    report: jsonb("report").$type<ValidationReport>(),
    declaredUnits: jsonb("declared_units").$type<Record<string, string>>().notNull(),
    time: jsonb("time").$type<TimeNormalisation>(),
    from: eventTime("from_time"),
    to: eventTime("to_time"),
    /** Validations that ended without a verdict. */
    attempts: integer("attempts").notNull().default(0),
    createdBy: text("created_by").notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex("dataset_versions_number").on(t.teamId, t.projectId, t.datasetId, t.version),
    index("dataset_versions_digest").on(t.teamId, t.projectId, t.sourceDigest),
  ],
);
