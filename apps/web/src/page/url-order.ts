import type { SortOrder } from "@ballast/ui";

/** The order of a table as it stands in the URL: `-brier` is "largest Brier on top". */
export const orderText = ({ column, descending }: SortOrder): string => `${descending ? "-" : ""}${column}`;

/** The order that the URL asks for; undefined where it names no column that can be sorted by. */
export function orderFrom(
  text: string | null,
  columns: readonly { id: string; sortable?: boolean }[],
): SortOrder | undefined {
  if (text === null) return undefined;
  const descending = text.startsWith("-");
  const column = descending ? text.slice(1) : text;
  return columns.some(({ id, sortable }) => id === column && sortable !== false) ? { column, descending } : undefined;
}
