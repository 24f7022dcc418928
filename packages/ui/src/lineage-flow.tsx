"use client";

import { type Edge, Handle, type Node, Position, ReactFlow } from "@xyflow/react";
import { LineageCard, type LineageNodeProps } from "./lineage-card.tsx";

function CardNode({ data }: LineageNodeProps) {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <LineageCard node={data.node} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

const nodeTypes = { lineage: CardNode };

/** The drawing part of a lineage, on React Flow; loaded on demand. */
export default function LineageFlow({ nodes, edges }: { nodes: Node[]; edges: Edge[] }) {
  return (
    <ReactFlow
      className="lineage"
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      fitView
      fitViewOptions={{ padding: 0.06, maxZoom: 1, minZoom: 0.5 }}
      minZoom={0.5}
      maxZoom={1.5}
      nodesDraggable={false}
      nodesConnectable={false}
      elementsSelectable={false}
      zoomOnScroll={false}
      preventScrolling={false}
      disableKeyboardA11y
    />
  );
}
