const KINDS = [
  "dataset_version",
  "tracked_dataset",
  "stream",
  "feature_view",
  "run",
  "logged_model",
  "model_version",
  "deployment",
] as const;
const DIRECTIONS = ["both", "upstream", "downstream"] as const;

export interface LineageParams {
  kind: (typeof KINDS)[number];
  id: string;
  direction: (typeof DIRECTIONS)[number];
}

/** What an address of the lineage page asks for; null where it names nothing. */
export function lineageQuery(params: URLSearchParams): LineageParams | null {
  const kind = KINDS.find((one) => one === params.get("kind"));
  const id = params.get("id");
  if (!kind || !id) return null;
  return { kind, id, direction: DIRECTIONS.find((one) => one === params.get("direction")) ?? "both" };
}
