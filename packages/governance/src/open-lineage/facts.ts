/** What an OpenLineage run event is made of, gathered from a run or a training job. */
export interface LineageFacts {
  /** `ballast://<team>/<project>`. */
  namespace: string;
  job: { name: string; type: "RUN" | "TRAINING" };
  run: { id: string; startedAt: Date; endedAt: Date | null };
  outcome: "running" | "succeeded" | "failed" | "stopped";
  error: string | null;
  /** The run or job it is part of. */
  parent: { job: string; runId: string } | null;
  code: { version: string; repository: string | null } | null;
  inputs: LineageDataset[];
  outputs: LineageDataset[];
}

export interface LineageDataset {
  name: string;
  version: string | null;
  fields: { name: string; type: string }[];
  /** Where its bytes come from, as a URI. */
  source: string | null;
}
