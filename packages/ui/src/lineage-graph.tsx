"use client";

import type { Edge, Node } from "@xyflow/react";
import { lazy, Suspense } from "react";
import { LineageCard, type LineageNode } from "./lineage-card.tsx";
import { layoutLineage } from "./lineage-layout.ts";

export interface LineageEdge {
  from: string;
  to: string;
}

export interface LineageGraphProps {
  /** One sentence that says what leads to what. */
  label: string;
  nodes: readonly LineageNode[];
  edges: readonly LineageEdge[];
  /** Pixels; by default what the tallest column needs. */
  height?: number;
}

/** React Flow comes with its own weight; only pages with a lineage load it. */
const Flow = lazy(() => import("./lineage-flow.tsx"));

/**
 * Where a version came from and where it went: dataset version → feature views → run → version → deployment. Columns
 * follow the longest path to a node. On phones, and before the graph has loaded, the same cards stand in a list.
 */
export function LineageGraph({ label, nodes, edges, height }: LineageGraphProps) {
  const placed = layoutLineage(nodes, edges);
  const flowNodes: Node[] = placed.map(({ node, x, y }) => ({
    id: node.id,
    type: "lineage",
    position: { x, y },
    data: { node },
    draggable: false,
    connectable: false,
    focusable: false,
  }));
  const flowEdges: Edge[] = edges.map((edge) => ({
    id: `${edge.from} ${edge.to}`,
    source: edge.from,
    target: edge.to,
    focusable: false,
  }));
  return (
    <section aria-label={label}>
      <div className="only-wide" style={{ height: height ?? Math.max(160, ...placed.map(({ y }) => y + 152)) }}>
        <Suspense fallback={<LineageList nodes={nodes} />}>
          <Flow nodes={flowNodes} edges={flowEdges} />
        </Suspense>
      </div>
      <div className="only-phone">
        <LineageList nodes={nodes} />
      </div>
    </section>
  );
}

function LineageList({ nodes }: { nodes: readonly LineageNode[] }) {
  return (
    <ol className="lineage-list">
      {nodes.map((node) => (
        <li key={node.id}>
          <LineageCard node={node} />
        </li>
      ))}
    </ol>
  );
}
