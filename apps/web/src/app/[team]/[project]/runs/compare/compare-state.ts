/** The state of a comparison, read from the address. */
import type { SeriesColor } from "@ballast/ui";
import { tableState } from "../table/table-state.ts";
import { lineLook, MOST_COMPARED } from "../tracking.ts";

export const TABS = [
  ["charts", "Charts"],
  ["parallel", "Parallel coordinates"],
  ["scatter", "Scatter"],
  ["box", "Box"],
  ["table", "Table"],
] as const;
type CompareTab = (typeof TABS)[number][0];

/** `metric:epoch` puts a metric on the axis. */
export type AxisChoice = "step" | "time" | "relative" | `metric:${string}`;

/** Half-lives of the smoothing, as shares of the axis that is shown. */
export const SMOOTHINGS = [0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2] as const;

export interface CompareState {
  ids: string[];
  tab: CompareTab;
  axis: AxisChoice;
  xLog: boolean;
  yLog: boolean;
  smoothing: number;
  /** Of the axis, in its own unit. */
  range: readonly [number, number] | undefined;
  /** Metrics chosen to be charted; undefined while nobody chose. */
  metrics: string[] | undefined;
  colors: ReadonlyMap<string, SeriesColor>;
}

function parseAxis(value: string | null): AxisChoice {
  if (value === "time" || value === "relative") return value;
  return value?.startsWith("metric:") && value.length > 7 ? (value as `metric:${string}`) : "step";
}

/** "100:2500" as a range; undefined for anything else. */
export function parseRange(value: string | null): readonly [number, number] | undefined {
  const found = /^(-?[\d.]+(?:e[+-]?\d+)?):(-?[\d.]+(?:e[+-]?\d+)?)$/i.exec(value ?? "");
  const [from, to] = [Number(found?.[1]), Number(found?.[2])];
  return from < to ? [from, to] : undefined;
}

export const rangeText = (range: readonly [number, number] | undefined): string | null =>
  range ? `${Number(range[0].toPrecision(15))}:${Number(range[1].toPrecision(15))}` : null;

/** Runs by id; an address from elsewhere may name them all in one `runs=a,b`. */
export function comparedIds(params: URLSearchParams): string[] {
  const named = [...params.getAll("run"), ...(params.get("runs")?.split(",") ?? [])];
  return [...new Set(named.filter((id) => id !== ""))].slice(0, MOST_COMPARED);
}

export function compareState(params: URLSearchParams): CompareState {
  const smoothing = Number(params.get("smooth") ?? 0);
  const metrics = params.getAll("metric");
  return {
    ids: comparedIds(params),
    tab: TABS.find(([tab]) => tab === params.get("tab"))?.[0] ?? "charts",
    axis: parseAxis(params.get("x")),
    xLog: params.has("logx"),
    yLog: params.has("logy"),
    smoothing: SMOOTHINGS.find((one) => one === smoothing) ?? 0,
    range: parseRange(params.get("range")),
    metrics: metrics.length === 0 ? undefined : metrics,
    colors: tableState(params).colors,
  };
}

/** How a compared run is drawn: in the colour that was given to it, else by its place. */
export function lookOf(id: string, index: number, colors: CompareState["colors"]): ReturnType<typeof lineLook> {
  const given = colors.get(id);
  return given ? { color: given, dash: "solid" } : lineLook(index);
}
