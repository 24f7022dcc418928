// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page moves and selects by keys of its own
// biome-ignore-all lint/a11y/useSemanticElements: a grid that is virtual in both directions cannot be made of table elements
// biome-ignore-all lint/a11y/useFocusableInteractive: focus stays on the grid, which names its active line
"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type MouseEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { columnLayout, columnsInView } from "./column-layout.ts";
import { GridHeader } from "./grid-header.tsx";
import { GridLineView, lineElementId } from "./grid-line.tsx";
import type { DataGridProps } from "./grid-types.ts";

const LINE = 32;
const PHONE_LINE = 116;
const HEAD = 32;
/** What is drawn beyond the edges, so that a fast scroll shows no blanks. */
const LINES_BEYOND = 8;
const COLUMNS_BEYOND = 2;
/** Before the box is measured, and on the server. */
const FIRST_VIEW = { width: 1_200, height: 640 };

const PHONE = "(max-width: 720px)";
const watchPhone = (changed: () => void): (() => void) => {
  const query = window.matchMedia(PHONE);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
};
const usePhone = (): boolean =>
  useSyncExternalStore(
    watchPhone,
    () => window.matchMedia(PHONE).matches,
    () => false,
  );

/**
 * A table for tens of thousands of lines and hundreds of columns: only what is in view is in the document, in both directions.
 * Columns can be pinned, resized and sorted; lines can be grouped, selected and coloured. Loading and order are the caller's.
 */
export function DataGrid<Row>(props: DataGridProps<Row>) {
  const { label, columns, count, lineAt, isSelected, colorOf, active } = props;
  const box = useRef<HTMLDivElement>(null);
  const gridId = useId();
  const phone = usePhone() && props.blocks !== false;
  const layout = useMemo(() => columnLayout(columns), [columns]);
  const [first, end] = useColumnRange(box, layout);
  const shown = useMemo(() => layout.scrolling.slice(first, end), [layout, first, end]);
  const before = (shown[0]?.left ?? layout.pinnedWidth) - layout.pinnedWidth;
  const height = phone ? PHONE_LINE : LINE;
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: LINES_BEYOND,
    paddingStart: phone ? 0 : HEAD,
    scrollPaddingStart: phone ? 0 : HEAD,
    initialRect: FIRST_VIEW,
    useFlushSync: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height of lines makes every measured place void
  useLayoutEffect(() => virtualizer.measure(), [height, virtualizer]);
  const items = virtualizer.getVirtualItems();
  const from = items[0]?.index ?? 0;
  const to = items.at(-1)?.index ?? 0;
  const { onVisible, reveal } = props;
  useEffect(() => onVisible?.(from, to), [onVisible, from, to]);
  useEffect(() => {
    if (reveal) virtualizer.scrollToIndex(reveal.index, { align: "auto" });
  }, [reveal, virtualizer]);
  const activeItem = active === undefined ? undefined : items.find(({ index }) => lineAt(index)?.id === active);

  return (
    <div
      ref={box}
      className="grid-scroll"
      data-rows={props.blocks === false || undefined}
      role="grid"
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length}
      aria-multiselectable="true"
      aria-activedescendant={activeItem ? lineElementId(gridId, activeItem.index) : undefined}
      tabIndex={0}
      style={{ "--grid-content": `${virtualizer.getTotalSize() + 2}px` } as React.CSSProperties}
      onClick={(event) => press(event, props.onPress)}
    >
      <div
        className="grid-canvas"
        role="presentation"
        style={{ height: virtualizer.getTotalSize(), minWidth: phone ? 0 : layout.totalWidth }}
      >
        {phone ? null : (
          <GridHeader
            layout={layout}
            shown={shown}
            before={before}
            sort={props.sort}
            onSort={props.onSort}
            onResize={props.onResize}
          />
        )}
        {items.map(({ index, start }) => {
          const line = lineAt(index);
          return (
            <GridLineView
              key={line?.id ?? `waiting ${index}`}
              gridId={gridId}
              index={index}
              top={start}
              line={line}
              layout={layout}
              shown={shown}
              before={before}
              selected={line?.kind === "row" && isSelected(line.id)}
              active={line !== undefined && line.id === active}
              color={line ? colorOf?.(line.id) : undefined}
              phone={phone}
              onToggleGroup={props.onToggleGroup}
            />
          );
        })}
      </div>
    </div>
  );
}

function press<Row>(event: MouseEvent, onPress: DataGridProps<Row>["onPress"]): void {
  const target = event.target as HTMLElement;
  if (!onPress || target.closest("a, button, input, label, [role=menu]")) return;
  const line = target.closest<HTMLElement>("[data-kind=row]");
  if (line) onPress(Number(line.dataset.index), { shift: event.shiftKey, toggle: event.metaKey || event.ctrlKey });
}

/** The range of scrolling columns in view. State changes only when the range does, not with every pixel. */
function useColumnRange<Row>(
  box: RefObject<HTMLDivElement | null>,
  layout: ReturnType<typeof columnLayout<Row>>,
): readonly [number, number] {
  const [range, setRange] = useState(() =>
    columnsInView(layout, { scrollLeft: 0, viewport: FIRST_VIEW.width, overscan: COLUMNS_BEYOND }),
  );
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const update = (): void => {
      const next = columnsInView(layout, {
        scrollLeft: element.scrollLeft,
        viewport: element.clientWidth,
        overscan: COLUMNS_BEYOND,
      });
      setRange((known) => (known[0] === next[0] && known[1] === next[1] ? known : next));
    };
    update();
    const observer = new ResizeObserver(update);
    observer.observe(element);
    element.addEventListener("scroll", update, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", update);
    };
  }, [box, layout]);
  return range;
}
