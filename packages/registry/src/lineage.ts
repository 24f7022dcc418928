import type { Scope } from "@ballast/core";
import type { Tx } from "@ballast/db";
import type { LineageGraph, LineageNode } from "./index.ts";
import { getVersion } from "./models.ts";

type VersionPage = Awaited<ReturnType<typeof getVersion>>;

const day = (iso: string | null) => iso?.slice(0, 10) ?? "?";

function dataNodes(page: VersionPage): LineageNode[] {
  const stored: LineageNode[] = page.version.lineage.datasetVersions.map(({ id, label }) => {
    const row = page.datasetVersions.find((version) => version.id === id);
    const detail = row?.rows != null ? `${row.rows.toLocaleString("en-US")} rows, ${row.state}` : (row?.state ?? null);
    return { id, kind: "dataset_version", label, detail };
  });
  const streams: LineageNode[] = (page.run?.inputs ?? [])
    .filter((input) => input.kind === "stream")
    .map((input) => ({ id: input.id, kind: "stream", label: input.label, detail: null }));
  return [...stored, ...streams];
}

function nodeOfVersion(page: VersionPage): LineageNode {
  const { version, model } = page;
  const { trainedFrom, trainedTo } = version.lineage;
  const detail = trainedFrom || trainedTo ? `trained on ${day(trainedFrom)} to ${day(trainedTo)}` : null;
  return { id: version.id, kind: "model_version", label: `${model.name} v${version.version}`, detail };
}

/** Lays a version's lineage out as columns: data → feature views → run → version → deployments. Pure. */
export function layOutLineage(page: VersionPage): LineageGraph {
  const data = dataNodes(page);
  const views: LineageNode[] = page.featureViews.map((view) => ({
    id: view.id,
    kind: "feature_view",
    label: view.name,
    detail: `version ${view.version}`,
  }));
  const run: LineageNode[] = page.run
    ? [{ id: page.run.id, kind: "run", label: page.run.name, detail: page.run.state }]
    : [];
  const served: LineageNode[] = page.deployments.map((deployment) => ({
    id: deployment.id,
    kind: "deployment",
    label: deployment.name,
    detail: deployment.percent === null ? deployment.role : `${deployment.role}, ${deployment.percent} %`,
  }));
  const columns = [data, views, run, [nodeOfVersion(page)], served].filter((column) => column.length > 0);
  const edges = columns.flatMap((column, i) =>
    column.flatMap((from) => (columns[i + 1] ?? []).map((to) => ({ from: from.id, to: to.id }))),
  );
  return { nodes: columns.flat(), edges };
}

/** Where a version comes from and where it goes. 404 if it is not of the project. */
export async function lineageGraph(tx: Tx, scope: Scope, versionId: string): Promise<LineageGraph> {
  return layOutLineage(await getVersion(tx, scope, versionId));
}
