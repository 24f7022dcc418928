import { expect, it } from "vitest";
import { layoutLineage } from "./lineage-layout.ts";

const nodes = ["data", "view-a", "view-b", "run", "version"].map((id) => ({ id }));
const edges = [
  { from: "data", to: "view-a" },
  { from: "data", to: "view-b" },
  { from: "view-a", to: "run" },
  { from: "view-b", to: "run" },
  { from: "data", to: "run" },
  { from: "run", to: "version" },
];

it("puts a node right of everything that leads to it, columns centred on the tallest", () => {
  const placed = new Map(layoutLineage(nodes, edges).map(({ node, x, y }) => [node.id, { x, y }]));
  const x = (id: string): number => placed.get(id)?.x ?? Number.NaN;
  for (const { from, to } of edges) expect(x(to)).toBeGreaterThan(x(from));
  expect(x("view-a")).toBe(x("view-b"));
  expect(placed.get("run")?.y).toBe(((placed.get("view-a")?.y ?? 0) + (placed.get("view-b")?.y ?? 0)) / 2);
});

it("survives edges to nothing and cycles", () => {
  expect(layoutLineage([{ id: "a" }], [{ from: "a", to: "gone" }])).toHaveLength(1);
  const cycle = layoutLineage(
    [{ id: "a" }, { id: "b" }],
    [
      { from: "a", to: "b" },
      { from: "b", to: "a" },
    ],
  );
  expect(cycle).toHaveLength(2);
});
