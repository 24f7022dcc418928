import { formatCount, formatSampleSize, type HeatMapRow } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";

export type Watched = Outputs["monitoring"]["overviews"][number];
export type HeatMapData = Outputs["monitoring"]["heatMap"];
export type Performance = Outputs["monitoring"]["performance"];
export type Distribution = Outputs["monitoring"]["distribution"];
export type WindowRow = Outputs["monitoring"]["windows"]["windows"][number];

const DAY_MS = 86_400_000;
export const RANGES = [30, 60, 120] as const;
export const WINDOWS_LISTED = 14;

interface Params {
  get(name: string): string | null;
}

/** Event days shown, from the URL. */
export function daysOf(params: Params): number {
  return RANGES.find((days) => days === Number(params.get("days"))) ?? RANGES[0];
}

/** The deployment that the URL names, else the first. */
export function watchedOf(all: readonly Watched[], params: Params): Watched | undefined {
  return all.find(({ deployment }) => deployment.name === params.get("deployment")) ?? all[0];
}

/** The newest `days` event days of a deployment. */
export function rangeOf(watched: Watched, days: number): { from?: string } {
  const newest = watched.window?.day;
  return newest === undefined
    ? {}
    : { from: new Date(Date.parse(newest) - (days - 1) * DAY_MS).toISOString().slice(0, 10) };
}

/** Days from the first that was looked at on: those before hold nothing. */
export function lookedAt({ rows, days }: HeatMapData): string[] {
  const seen = new Set(rows.flatMap((row) => row.cells.map((cell) => cell.day)));
  const first = days.findIndex((day) => seen.has(day));
  return first < 0 ? [] : days.slice(first);
}

/** A feature without its view's name, where no other column is called so. */
function shortName(column: string, all: readonly string[]): string {
  const name = column.slice(column.indexOf(".") + 1);
  const others = all.filter((one) => one === name || one.endsWith(`.${name}`));
  return others.length > 1 ? column : name;
}

/** Rows of the heat map, parted where one kind of column ends and the next begins. */
export function heatRows({ rows }: HeatMapData, days: readonly string[]): HeatMapRow[] {
  const names = rows.map((row) => row.column);
  return rows.map((row, index) => {
    const byDay = new Map(row.cells.map((cell) => [cell.day, cell]));
    const before = rows[index - 1];
    return {
      id: row.column,
      label: shortName(row.column, names),
      values: days.map((day) => byDay.get(day)?.ratio ?? null),
      reasons: days.map((day) => {
        const { n, tooFewFor } = byDay.get(day) ?? { n: 0, tooFewFor: null };
        return tooFewFor === null ? null : tooFewWords(n, tooFewFor);
      }),
      groupStart: before !== undefined && isOutput(before.role) !== isOutput(row.role),
    };
  });
}

/** Why a day has statistics and no verdict. */
export const tooFewWords = (n: number, tooFewFor: number): string =>
  `${formatSampleSize(n)}, too few for a verdict, which needs ${formatCount(tooFewFor)}`;

const isOutput = (role: string): boolean => role === "prediction" || role === "outcome";

/** The cell to look at first: what the URL names, else the one farthest over its limit, the newest of equals. */
export function cellOf(map: HeatMapData, params: Params): { column: string; day: string } | undefined {
  const [column, day] = [params.get("column"), params.get("day")];
  const cells = map.rows.flatMap((row) =>
    row.cells.map((cell) => ({ column: row.column, day: cell.day, ratio: cell.ratio ?? 0 })),
  );
  const asked = cells.find((cell) => cell.column === column && cell.day === day);
  if (asked) return asked;
  const inColumn = cells.filter((cell) => column === null || cell.column === column);
  return (inColumn.length > 0 ? inColumn : cells).reduce<(typeof cells)[number] | undefined>(
    (best, cell) =>
      best === undefined || cell.ratio > best.ratio || (cell.ratio === best.ratio && cell.day > best.day) ? cell : best,
    undefined,
  );
}

/** The column's cell one measured day earlier or later. */
export function besides(map: HeatMapData, at: { column: string; day: string }): { before?: string; after?: string } {
  const days = (map.rows.find((row) => row.column === at.column)?.cells ?? []).map((cell) => cell.day).sort();
  const index = days.indexOf(at.day);
  const [before, after] = [days[index - 1], days[index + 1]];
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}
