import type { ReactNode } from "react";
import type { SortOrder } from "../data-table-types.ts";

/** What a cell can know of its line besides the row. */
export interface CellState {
  selected: boolean;
  /** A CSS colour given to the row by a person. */
  color: string | undefined;
  index: number;
}

export interface GridColumn<Row> {
  id: string;
  header: string;
  /** Keeps the header for screen readers only. */
  hideHeader?: boolean;
  /** The whole name and what it is, on hover. */
  hint?: string;
  /** Pixels. */
  width: number;
  numeric?: boolean;
  sortable?: boolean;
  /** The first press sorts the largest on top. */
  descendingFirst?: boolean;
  /** Stays at the left edge. Pinned columns come first. */
  pinned?: boolean;
  /** False keeps the column's width as it is. */
  resizable?: boolean;
  /** The cell as text: all that most cells are. */
  text: (row: Row) => string;
  cell?: (row: Row, state: CellState) => ReactNode;
  /** On phones, where a line is a block: its name, or one of the few fields below it. */
  phone?: "name" | "field";
}

/** One line of the grid. */
export type GridLine<Row> =
  | { kind: "row"; id: string; row: Row }
  | {
      kind: "group";
      id: string;
      label: string;
      note: string;
      open: boolean;
      /** What the group says in a column, by column id: an aggregate with its name. */
      cells: Readonly<Record<string, string>>;
      /** The same in full, on hover. */
      titles?: Readonly<Record<string, string>>;
    };

export interface DataGridProps<Row> {
  /** What the rows are, for screen readers. */
  label: string;
  /** On phones each line is a block of a few fields; false where every column counts: then the table scrolls. */
  blocks?: boolean;
  columns: readonly GridColumn<Row>[];
  /** Lines in all, those not loaded yet among them. */
  count: number;
  /** Undefined for a line that is still loading. Must be stable between renders while nothing changed. */
  lineAt: (index: number) => GridLine<Row> | undefined;
  sort?: SortOrder | undefined;
  onSort?: (sort: SortOrder) => void;
  onResize?: (column: string, width: number) => void;
  isSelected: (id: string) => boolean;
  colorOf?: (id: string) => string | undefined;
  /** Id of the line that the keyboard stands on. */
  active?: string | undefined;
  /** A press on a line, outside its controls. */
  onPress?: (index: number, keys: { shift: boolean; toggle: boolean }) => void;
  onToggleGroup?: (id: string) => void;
  /** The lines in view, to load what is missing. */
  onVisible?: (first: number, last: number) => void;
  /** Where the line that must be in view stands; a change scrolls there. */
  reveal?: { index: number; nonce: number } | undefined;
}
