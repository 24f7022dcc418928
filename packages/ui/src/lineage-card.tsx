"use client";

import type { Node, NodeProps } from "@xyflow/react";
import { Glyph } from "./glyph.tsx";
import { Link } from "./link.tsx";
import type { Tone } from "./tone.ts";

export interface LineageNode {
  id: string;
  /** "dataset version", "feature view", "run", "model version", "deployment". */
  kind: string;
  title: string;
  /** A line of facts under the title. */
  detail?: string | undefined;
  href?: string | undefined;
  tone?: Tone | undefined;
  /** The thing whose page this is. */
  current?: boolean | undefined;
}

export type LineageNodeProps = NodeProps<Node<{ node: LineageNode }>>;

/** One card of the graph. */
export function LineageCard({ node }: { node: LineageNode }) {
  return (
    <div className="lineage-node" data-tone={node.tone} data-current={node.current}>
      <p className="lineage-kind">
        {node.tone ? <Glyph tone={node.tone} size={9} /> : null}
        {node.kind}
      </p>
      <p className="lineage-title">{node.href ? <Link href={node.href}>{node.title}</Link> : node.title}</p>
      {node.detail ? <p className="lineage-detail">{node.detail}</p> : null}
    </div>
  );
}
