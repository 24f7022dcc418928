import { AppError } from "@ballast/core";

/** Row ranges in time order: train [0, validation), validation [validation, test), test [test, rows). */
export interface RowSplit {
  validation: number;
  test: number;
  rows: number;
}

/** Fewest rows to train on, and to report metrics on. */
const LEAST_TRAIN_ROWS = 100;
const LEAST_TEST_ROWS = 20;

/**
 * Splits rows that stand in time order: the newest `testShare` are held out for the reported metrics, the `validationShare` before
 * them for early stopping. A boundary never falls between rows of the same moment; it moves to the earlier side, so the train share is
 * never larger than asked (the budget was reserved for it).
 * @throws AppError `invalid_input` when rows are not in time order, `unprocessable` when there are too few
 */
export function splitRows(time: Float64Array, validationShare: number, testShare: number): RowSplit {
  const rows = time.length;
  for (let i = 1; i < rows; i++) {
    if ((time[i] as number) < (time[i - 1] as number)) {
      throw new AppError("invalid_input", `Row ${i} is earlier than the row before it; rows must stand in time order.`);
    }
  }
  const test = boundary(time, Math.floor(rows * (1 - testShare)));
  const validation = Math.min(test, boundary(time, trainRowsAtMost(rows, validationShare, testShare)));
  if (validation < LEAST_TRAIN_ROWS || rows - test < LEAST_TEST_ROWS) {
    throw new AppError(
      "unprocessable",
      `${rows} rows give ${validation} to train on and ${rows - test} to judge by; at least ${LEAST_TRAIN_ROWS} and ${LEAST_TEST_ROWS} are needed. Ask for a longer range.`,
      { details: { rows, train: validation, test: rows - test } },
    );
  }
  return { validation, test, rows };
}

/** Most rows of `rows` that a split with these shares can train on. */
export function trainRowsAtMost(rows: number, validationShare: number, testShare: number): number {
  return Math.floor(rows * (1 - validationShare - testShare));
}

/** The index moved back to the first row of its moment. */
function boundary(time: Float64Array, index: number): number {
  let at = index;
  while (at > 0 && at < time.length && time[at - 1] === time[at]) at--;
  return at;
}
