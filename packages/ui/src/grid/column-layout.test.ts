import { expect, it } from "vitest";
import { clampWidth, columnLayout, columnsInView, WIDEST } from "./column-layout.ts";
import type { GridColumn } from "./grid-types.ts";

const column = (id: string, width: number, pinned = false): GridColumn<null> => ({
  id,
  header: id,
  width,
  pinned,
  text: () => id,
});

it("puts pinned columns first and every other one behind them", () => {
  const layout = columnLayout([column("a", 100), column("p", 60, true), column("b", 50)]);
  expect(layout.pinned.map(({ column: { id }, left }) => [id, left])).toEqual([["p", 0]]);
  expect(layout.scrolling.map(({ column: { id }, left, place }) => [id, left, place])).toEqual([
    ["a", 60, 2],
    ["b", 160, 3],
  ]);
  expect([layout.pinnedWidth, layout.totalWidth]).toEqual([60, 210]);
});

it("draws only columns in view, and those that lie under pinned ones are not", () => {
  const layout = columnLayout([column("p", 100, true), ...Array.from({ length: 50 }, (_, i) => column(`c${i}`, 100))]);
  const inView = (scrollLeft: number) => columnsInView(layout, { scrollLeft, viewport: 500, overscan: 0 });
  expect(inView(0)).toEqual([0, 4]);
  expect(inView(50)).toEqual([0, 5]);
  expect(inView(100)).toEqual([1, 5]);
  expect(inView(4_600)).toEqual([46, 50]);
  expect(columnsInView(layout, { scrollLeft: 100, viewport: 500, overscan: 2 })).toEqual([0, 7]);
});

it("has nothing in view where pinned columns fill the box", () => {
  const layout = columnLayout([column("p", 600, true), column("a", 100)]);
  expect(columnsInView(layout, { scrollLeft: 0, viewport: 500, overscan: 0 })).toEqual([0, 0]);
});

it("keeps widths usable", () => {
  expect([clampWidth(3), clampWidth(99.6), clampWidth(9_999)]).toEqual([48, 100, WIDEST]);
});
