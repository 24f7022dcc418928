/** The largest multiple of a limit that the scale tells apart; everything above shares the last colour. */
export const HEAT_MAXIMUM = 2.25;

/** Number of colours, `seq-0` to `seq-8`. */
export const HEAT_STEPS = 9;

/**
 * Colour step, 0 to 8, of a value given as a multiple of its limit: nine equal steps of 0.25, the last open.
 * A value at its limit falls on step 4. Negative values take step 0.
 */
export function heatStep(multiple: number): number {
  return Math.min(HEAT_STEPS - 1, Math.max(0, Math.floor((multiple / HEAT_MAXIMUM) * HEAT_STEPS + 1e-9)));
}

/** Index of the cell reached from (row, column) by a key, or nothing if the key does not move or the edge is reached. */
export function moveInGrid(
  key: string,
  at: { row: number; column: number },
  size: { rows: number; columns: number },
): { row: number; column: number } | undefined {
  const next = { ...at };
  if (key === "ArrowRight") next.column += 1;
  else if (key === "ArrowLeft") next.column -= 1;
  else if (key === "ArrowDown") next.row += 1;
  else if (key === "ArrowUp") next.row -= 1;
  else if (key === "Home") next.column = 0;
  else if (key === "End") next.column = size.columns - 1;
  else return undefined;
  const inside = next.row >= 0 && next.row < size.rows && next.column >= 0 && next.column < size.columns;
  return inside ? next : undefined;
}
