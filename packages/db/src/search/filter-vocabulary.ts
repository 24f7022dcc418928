/** Which columns each searchable thing has, and what may be asked of them. */

export const NUMBER_COMPARATORS = ["=", "!=", ">", ">=", "<", "<="] as const;
export const TEXT_COMPARATORS = ["=", "!=", "LIKE", "ILIKE"] as const;
export type Comparator =
  | (typeof NUMBER_COMPARATORS)[number]
  | (typeof TEXT_COMPARATORS)[number]
  | "IN"
  | "NOT IN"
  | "IS NULL"
  | "IS NOT NULL";

export type Family = "attribute" | "metric" | "param" | "tag" | "dataset";

export interface ColumnKind {
  type: "number" | "text";
  /** May be compared with a list. */
  lists: boolean;
  /** May be asked for its absence. */
  nulls: boolean;
  /** A number may stand in quotes. */
  quoted?: boolean;
  /** A few values that are all there are, for completion. */
  values?: readonly string[];
}

export interface Vocabulary {
  /** Of what, in an error's words. */
  entity: string;
  /** Families by every name they go by. */
  families: Readonly<Record<string, Family>>;
  /** Attributes, by every name they go by, with the one name they have in the search targets. */
  attributes: Readonly<Record<string, ColumnKind & { name: string }>>;
  /** Attributes that have no sense of order. */
  unsortable: readonly string[];
  /** Values may stand without quotes, as in MLflow's search of logged models. */
  bareValues: boolean;
}

/** What may be asked of a key of a family that has keys. */
export const KEYED: Readonly<Record<Exclude<Family, "attribute">, ColumnKind>> = {
  metric: { type: "number", lists: false, nulls: true },
  param: { type: "text", lists: false, nulls: true },
  tag: { type: "text", lists: false, nulls: true },
  dataset: { type: "text", lists: true, nulls: false },
};
/** The only keys of `dataset.`. */
export const DATASET_KEYS = ["name", "digest", "context"] as const;

const ATTRIBUTE = { attribute: "attribute", attributes: "attribute", attr: "attribute" } as const;
const TAG = { tag: "tag", tags: "tag" } as const;
const METRIC = { metric: "metric", metrics: "metric" } as const;
const PARAM = { param: "param", params: "param", parameter: "param", parameters: "param" } as const;

const text = (name: string, more: Partial<ColumnKind> = {}): ColumnKind & { name: string } => ({
  ...{ name, type: "text", lists: false, nulls: false },
  ...more,
});
const number = (name: string, nulls = false): ColumnKind & { name: string } => ({
  ...{ name, type: "number", lists: false, nulls },
});

const RUN_STATUS = ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const;
export const RUN_VOCABULARY: Vocabulary = {
  entity: "runs",
  families: { ...METRIC, ...PARAM, ...TAG, ...ATTRIBUTE, run: "attribute", dataset: "dataset", datasets: "dataset" },
  attributes: {
    run_id: text("run_id", { lists: true }),
    run_name: text("run_name"),
    "run name": text("run_name"),
    "Run name": text("run_name"),
    "Run Name": text("run_name"),
    user_id: text("user_id"),
    status: text("status", { values: RUN_STATUS }),
    artifact_uri: text("artifact_uri"),
    start_time: number("start_time"),
    created: number("start_time"),
    Created: number("start_time"),
    end_time: number("end_time", true),
    parent_run_id: text("parent_run_id", { lists: true, nulls: true }),
  },
  unsortable: ["run name", "Run name", "Run Name"],
  bareValues: false,
};

export const EXPERIMENT_VOCABULARY: Vocabulary = {
  entity: "experiments",
  families: { ...ATTRIBUTE, ...TAG },
  attributes: {
    experiment_id: text("experiment_id", { lists: true }),
    name: text("name"),
    creation_time: number("creation_time"),
    last_update_time: number("last_update_time"),
  },
  unsortable: [],
  bareValues: false,
};

export const LOGGED_MODEL_VOCABULARY: Vocabulary = {
  entity: "logged models",
  families: { ...METRIC, ...PARAM, ...TAG, ...ATTRIBUTE },
  attributes: {
    name: text("name", { lists: true }),
    model_id: text("model_id", { lists: true }),
    model_type: text("model_type", { lists: true }),
    status: text("status", {
      lists: true,
      values: ["LOGGED_MODEL_PENDING", "LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED"],
    }),
    source_run_id: text("source_run_id", { lists: true, nulls: true }),
    creation_time: number("creation_time"),
    creation_timestamp: number("creation_time"),
    creation_timestamp_ms: number("creation_time"),
    last_updated_time: number("last_update_time"),
    last_updated_timestamp: number("last_update_time"),
    last_updated_timestamp_ms: number("last_update_time"),
  },
  unsortable: [],
  bareValues: true,
};

export const REGISTERED_MODEL_VOCABULARY: Vocabulary = {
  entity: "registered models",
  families: { ...ATTRIBUTE, ...TAG },
  attributes: {
    name: text("name", { lists: true }),
    timestamp: number("last_update_time"),
    last_updated_timestamp: number("last_update_time"),
    creation_timestamp: number("creation_time"),
  },
  unsortable: [],
  bareValues: false,
};

export const MODEL_VERSION_VOCABULARY: Vocabulary = {
  entity: "model versions",
  families: { ...ATTRIBUTE, ...TAG },
  attributes: {
    name: text("name", { lists: true }),
    version_number: { ...number("version_number"), quoted: true },
    run_id: text("run_id", { lists: true }),
    source_path: text("source_path"),
    creation_timestamp: number("creation_time"),
    last_updated_timestamp: number("last_update_time"),
  },
  unsortable: ["run_id", "source_path"],
  bareValues: false,
};
