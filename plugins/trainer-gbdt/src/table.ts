import { AppError, type TrainingTable, type TrainRequest } from "@ballast/plugin-sdk";

function refuse(field: string, problem: string): never {
  throw new AppError("invalid_input", `${field} ${problem}`, { details: { field } });
}

function checkLabels(name: string, table: TrainingTable, task: TrainRequest["task"]): void {
  for (let i = 0; i < table.rows; i++) {
    const y = table.label[i] as number;
    if (task === "binary" ? y === 0 || y === 1 : Number.isFinite(y)) continue;
    const expected = task === "binary" ? "0 or 1" : "a finite number";
    refuse(`${name}.label`, `row ${i} is ${y}; for ${task} every label is ${expected}.`);
  }
}

function checkColumns(name: string, table: Pick<TrainingTable, "rows" | "features">, width: number): void {
  if (table.features.length !== width) {
    refuse(`${name}.features`, `has ${table.features.length} columns, expected ${width}.`);
  }
  table.features.forEach((column, j) => {
    if (column.length !== table.rows) {
      refuse(`${name}.features[${j}]`, `has ${column.length} values, expected ${table.rows} (rows).`);
    }
  });
}

function checkTable(name: string, table: TrainingTable, task: TrainRequest["task"]): void {
  if (!Number.isInteger(table.rows) || table.rows < 1)
    refuse(`${name}.rows`, `is ${table.rows}; give at least one row.`);
  if (table.label.length !== table.rows) {
    refuse(`${name}.label`, `has ${table.label.length} values, expected ${table.rows} (rows).`);
  }
  checkColumns(name, table, table.featureNames.length);
  checkLabels(name, table, task);
}

/**
 * Checks both tables of a request before any work is done.
 * @throws AppError `invalid_input` naming the table, the column and the row
 */
export function checkRequestTables(request: TrainRequest): void {
  const { train, validation, task } = request;
  if (task !== "binary" && task !== "regression") refuse("task", `is "${task}"; gbdt knows "binary" and "regression".`);
  if (train.featureNames.length === 0) refuse("train.featureNames", "is empty; name at least one feature.");
  const twice = train.featureNames.find((name, j) => train.featureNames.indexOf(name) !== j);
  if (twice !== undefined) refuse("train.featureNames", `holds "${twice}" twice.`);
  checkTable("train", train, task);
  if (task === "binary") {
    const positives = train.label.reduce((sum, y) => sum + y, 0);
    if (positives === 0 || positives === train.rows) {
      refuse("train.label", `holds only the class ${positives === 0 ? 0 : 1}; a binary model needs rows of both.`);
    }
  }
  if (!validation) return;
  if (validation.featureNames.join("\0") !== train.featureNames.join("\0")) {
    refuse("validation.featureNames", `(${validation.featureNames.join(", ")}) differ from those of train.`);
  }
  checkTable("validation", validation, task);
}

/** @throws AppError `invalid_input` when a table to score does not have the model's columns */
export function checkScoredTable(table: Pick<TrainingTable, "rows" | "features">, width: number): void {
  checkColumns("table", table, width);
}
