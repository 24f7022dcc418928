import { type AxisKind, bandText, type ChartSeries, positionName, type SeriesPoint } from "./chart-data.ts";

interface ReadingLine {
  label: string;
  color: string;
  text: string;
}

/** What a chart says at one position: a name, and a line per series that has a value there. */
export interface Reading {
  title: string;
  lines: ReadingLine[];
}

/** The reading at `x`. Points are looked up exactly; series without a point there are left out. */
export function readingAt(
  series: readonly ChartSeries[],
  x: number,
  { kind, wholeDays, format }: { kind: AxisKind; wholeDays: boolean; format: (value: number) => string },
): Reading {
  const lines: ReadingLine[] = [];
  for (const one of series) {
    const point = one.points.find((candidate) => candidate.x === x);
    if (point && point.y !== null) {
      lines.push({ label: one.label, color: `var(--${one.color})`, text: pointText(point, point.y, format) });
    }
  }
  return { title: positionName(x, kind, wholeDays), lines };
}

function pointText(point: SeriesPoint, y: number, format: (value: number) => string): string {
  const band = bandText(point, format);
  const n = point.n === undefined ? "" : `, n\u202f=\u202f${point.n.toLocaleString("en-US")}`;
  return `${format(y)}${band ? ` (${band})` : ""}${n}`;
}

/** One sentence for a screen reader. */
export function spoken(reading: Reading): string {
  return `${reading.title}: ${reading.lines.map((line) => `${line.label} ${line.text}`).join("; ")}`;
}

/** The tooltip's content. Built from nodes, so that no label from outside is ever read as markup. */
export function readingElement(reading: Reading): HTMLElement {
  const root = document.createElement("div");
  root.className = "chart-reading";
  const title = document.createElement("b");
  title.textContent = reading.title;
  root.append(title);
  for (const line of reading.lines) {
    const row = document.createElement("div");
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.setProperty("--swatch", line.color);
    const label = document.createElement("span");
    label.textContent = line.label;
    const text = document.createElement("span");
    text.className = "chart-reading-value";
    text.textContent = line.text;
    row.append(swatch, label, text);
    root.append(row);
  }
  return root;
}
