"use client";

import { LineageGraph, type LineageNode, Link, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { artifactPath, deploymentPath, lineagePath, runPath } from "@/page/record-paths";
import { toneOf } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

type Node = Outputs["model"]["lineage"]["nodes"][number];

function pathOf(base: string, node: Node, current: string): string | undefined {
  if (node.id === current) return undefined;
  if (node.kind === "run") return runPath(base, node.id);
  if (node.kind === "deployment") return deploymentPath(base, node.label);
  if (node.kind === "feature_view") {
    const version = /^version (\d+)$/.exec(node.detail ?? "")?.[1];
    return artifactPath(base, { ...node, label: version ? `${node.label} v${version}` : node.label });
  }
  return artifactPath(base, node);
}

function cardOf(base: string, node: Node, current: string): LineageNode {
  return {
    id: node.id,
    kind: node.kind.replaceAll("_", " "),
    title: node.label,
    detail: node.detail ?? undefined,
    href: pathOf(base, node, current),
    tone: node.kind === "run" && node.detail ? toneOf(node.detail) : undefined,
    current: node.id === current,
  };
}

/** Where the version comes from and where it goes. */
export function LineagePanel({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(trpc.model.lineage.queryOptions({ ...scope, versionId }));
  return (
    <Panel
      title="Lineage"
      note="data, features, run, version, deployments"
      actions={
        <Link href={lineagePath(base, { kind: "model_version", id: versionId })}>With predictions and cost</Link>
      }
    >
      <QueryView query={query} what="lineage" rows={4}>
        {({ nodes, edges }) =>
          nodes.length < 2 ? (
            <PanelBody>
              <p className="secondary">
                Nothing is recorded: it was registered without a run or data, and no deployment names it.
              </p>
            </PanelBody>
          ) : (
            <LineageGraph
              label={`${nodes.map(({ label }) => label).join(", ")}: from data to deployment`}
              nodes={nodes.map((node) => cardOf(base, node, versionId))}
              edges={edges}
            />
          )
        }
      </QueryView>
    </Panel>
  );
}
