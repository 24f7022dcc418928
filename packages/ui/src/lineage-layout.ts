/** Distance between the left edges of two columns, and between the tops of two rows, in pixels. */
const COLUMN = 272;
const ROW = 96;

export interface PlacedNode<Node> {
  node: Node;
  x: number;
  y: number;
}

/**
 * Columns by the longest path from a source, rows in the order given, each column centred. Edges to unknown nodes are
 * ignored; a cycle, which a lineage cannot have, ends the walk instead of hanging it.
 */
export function layoutLineage<Node extends { id: string }>(
  nodes: readonly Node[],
  edges: readonly { from: string; to: string }[],
): PlacedNode<Node>[] {
  const columns = longestPaths(nodes, edges);
  const heights = new Map<number, number>();
  for (const column of columns.values()) heights.set(column, (heights.get(column) ?? 0) + 1);
  const tallest = Math.max(1, ...heights.values());
  const filled = new Map<number, number>();
  return nodes.map((node) => {
    const column = columns.get(node.id) ?? 0;
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    const offset = (tallest - (heights.get(column) ?? 1)) / 2;
    return { node, x: column * COLUMN, y: (row + offset) * ROW };
  });
}

function longestPaths(
  nodes: readonly { id: string }[],
  edges: readonly { from: string; to: string }[],
): Map<string, number> {
  const columns = new Map(nodes.map((node) => [node.id, 0]));
  // At most one pass per node can move something along an acyclic graph.
  for (let pass = 0; pass < nodes.length; pass += 1) {
    let moved = false;
    for (const { from, to } of edges) {
      const source = columns.get(from);
      const target = columns.get(to);
      if (source === undefined || target === undefined || target > source) continue;
      columns.set(to, source + 1);
      moved = true;
    }
    if (!moved) break;
  }
  return columns;
}
