import fs from "node:fs";
import path from "node:path";
import { newId, type Scope } from "@ballast/core";
import { experiments, metricSeries, runLinks, runs, type Tx, trackedDatasets } from "@ballast/db";

interface OracleRun {
  id: string;
  name: string;
  user: string;
  status: string;
  start: number;
  end: number | null;
  metrics: Record<string, number | "NaN">;
  params: Record<string, string>;
  tags: Record<string, string>;
  datasets: { name: string; digest: string; context: string | null }[];
}

/** What `mlflow-runs.py` made, and what MLflow answered. */
export const ORACLE = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "mlflow-runs.json"), "utf8")) as {
  runs: OracleRun[];
  filters: { filter: string; ids: string[] }[];
  orders: { orderBy: string[]; ids: string[] }[];
};

/** Writes the oracle's runs into an experiment `exp` of the scope. */
export async function writeOracleRuns(tx: Tx, { teamId, projectId }: Scope): Promise<void> {
  const own = { teamId, projectId };
  await tx.insert(experiments).values({ ...own, id: "exp", name: "oracle" });
  await tx.insert(runs).values(
    ORACLE.runs.map((r) => ({
      ...{ ...own, id: r.id, experimentId: "exp", name: r.name, state: r.status.toLowerCase() as "running" },
      ...{ params: r.params, tags: r.tags, inputs: [], outputs: [], codeVersion: "", createdBy: r.user },
      ...{ startedAt: new Date(r.start), endedAt: r.end === null ? null : new Date(r.end) },
    })),
  );
  const series = ORACLE.runs.flatMap((r) =>
    Object.entries(r.metrics).map(([key, value]) => ({ runId: r.id, key, value: Number(value) })),
  );
  await tx.insert(metricSeries).values(
    series.map(({ runId, key, value }) => ({
      ...{ ...own, runId, key, last: value, lastStep: 0, lastAt: 0, firstStep: 0, received: 1 },
      ...{ least: Number.isNaN(value) ? null : value, greatest: Number.isNaN(value) ? null : value },
    })),
  );
  const ids = new Map<string, string>();
  for (const { name, digest } of ORACLE.runs.flatMap((r) => r.datasets))
    ids.set(`${name} ${digest}`, newId("trackedDataset"));
  await tx.insert(trackedDatasets).values(
    [...ids].map(([key, id]) => {
      const [name = "", digest = ""] = key.split(" ");
      return { ...own, id, name, digest, sourceType: "local", source: "{}" };
    }),
  );
  await tx.insert(runLinks).values(
    ORACLE.runs.flatMap((r) =>
      r.datasets.map(({ name, digest, context }) => ({
        ...{ ...own, runId: r.id, kind: "input_dataset" as const, targetId: ids.get(`${name} ${digest}`) ?? "" },
        tags: Object.fromEntries(context === null ? [] : [["mlflow.data.context", context]]),
      })),
    ),
  );
}
