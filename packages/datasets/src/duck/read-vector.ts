import { AppError } from "@ballast/core";
import {
  DuckDBBigIntVector,
  DuckDBDoubleVector,
  DuckDBFloatVector,
  DuckDBIntegerVector,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBVector,
} from "@duckdb/node-api";
import type { Column } from "./columns.ts";

const NUMERIC = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.DOUBLE,
]);

/** An empty column for values of a DuckDB type. Throws for types that have no column form. */
export function newColumn(name: string, type: DuckDBType, rows: number): Column {
  if (type.typeId === DuckDBTypeId.FLOAT) return new Float32Array(rows);
  if (NUMERIC.has(type.typeId)) return new Float64Array(rows);
  if (type.typeId === DuckDBTypeId.VARCHAR || type.typeId === DuckDBTypeId.SQLNULL) return new Array(rows).fill(null);
  throw new AppError("internal", `Column "${name}" of type ${type} cannot be read as an array; cast it in SQL.`);
}

/** Copies a chunk's vector into its place in the column. */
export function fillColumn(column: Column, offset: number, vector: DuckDBVector, count: number): void {
  if (Array.isArray(column)) {
    for (let i = 0; i < count; i++) column[offset + i] = vector.getItem(i) as string | null;
    return;
  }
  const flat =
    vector instanceof DuckDBFloatVector ||
    vector instanceof DuckDBDoubleVector ||
    vector instanceof DuckDBIntegerVector;
  if (flat && validEverywhere(vector, count)) {
    column.set((vector as unknown as { items: Float64Array }).items.subarray(0, count), offset);
    return;
  }
  if (vector instanceof DuckDBBigIntVector && validEverywhere(vector, count)) {
    const { items } = vector as unknown as { items: BigInt64Array };
    // Two 32-bit halves: converting each bigint would allocate.
    const halves = new Int32Array(items.buffer, items.byteOffset, items.length * 2);
    for (let i = 0; i < count; i++)
      column[offset + i] = (halves[2 * i + 1] as number) * 4294967296 + ((halves[2 * i] as number) >>> 0);
    return;
  }
  for (let i = 0; i < count; i++) {
    const item = vector.getItem(i);
    column[offset + i] = item === null ? Number.NaN : Number(item);
  }
}

function validEverywhere(vector: DuckDBVector, count: number): boolean {
  const { validity } = vector as unknown as { validity: { data: unknown; itemValid(index: number): boolean } };
  if (validity.data === null) return true;
  for (let i = 0; i < count; i++) if (!validity.itemValid(i)) return false;
  return true;
}
