"use client";

import { formatCount, PanelBody } from "@ballast/ui";
import { CompareLegend } from "./compare-table";
import { axisPosition, type ParallelAxis, parallelAxes } from "./parallel-axes";
import { compareColor, type Run } from "./run-columns";

const WIDTH = 1000;
const HEIGHT = 240;
const PLOT = { left: 60, right: 940, top: 44, bottom: 212 };

/** Each run as a line over parameters and metrics: the chosen ones in their colours, the others of the list in grey. */
export function ParallelChart({ chosen, around }: { chosen: readonly Run[]; around: readonly Run[] }) {
  const others = around.filter((run) => !chosen.some(({ id }) => id === run.id));
  const axes = parallelAxes([...chosen, ...others]);
  if (axes.length < 2) {
    return (
      <PanelBody>
        <p className="secondary">
          These runs differ in {axes.length === 0 ? "no number" : `one number only, ${axes[0]?.label}`}. Choose others,
          or read the tables beside.
        </p>
      </PanelBody>
    );
  }
  return (
    <>
      <CompareLegend runs={chosen} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <div className="overflow-x-auto px-4" tabIndex={0}>
        <svg
          className="min-w-[640px]"
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          width="100%"
          role="img"
          aria-label={`${chosen.map(({ name }) => name).join(", ")} over ${axes.map(({ label }) => label).join(", ")}; the tables beside hold the values`}
        >
          {others.map((run) => (
            <RunLine key={run.id} run={run} axes={axes} stroke="var(--line-strong)" width={1} />
          ))}
          {axes.map((axis, index) => (
            <AxisLine key={axis.id} axis={axis} x={axisX(index, axes.length)} />
          ))}
          {chosen.map((run, index) => (
            <RunLine key={run.id} run={run} axes={axes} stroke={`var(--${compareColor(index)})`} width={1.75} marked />
          ))}
        </svg>
      </div>
      <p className="muted small px-4 pb-3">
        {formatCount(chosen.length)} chosen of {formatCount(chosen.length + others.length)} runs on the page, the others
        grey. Of a metric the better end is on top; a gap is a value that was not logged.
      </p>
    </>
  );
}

const axisX = (index: number, count: number): number =>
  PLOT.left + ((PLOT.right - PLOT.left) * index) / Math.max(1, count - 1);

function AxisLine({ axis, x }: { axis: ParallelAxis; x: number }) {
  const text = { textAnchor: "middle" as const, fontSize: 11, fill: "var(--ink-3)" };
  return (
    <g>
      <line x1={x} x2={x} y1={PLOT.top} y2={PLOT.bottom} stroke="var(--ink-3)" strokeWidth={1} />
      <text x={x} y={14} {...text} fill="var(--ink-2)">
        {axis.label}
      </text>
      <text x={x} y={PLOT.top - 8} {...text}>
        {axis.text(axis.top)}
      </text>
      <text x={x} y={PLOT.bottom + 18} {...text}>
        {axis.text(axis.bottom)}
      </text>
    </g>
  );
}

function RunLine({
  run,
  axes,
  stroke,
  width,
  marked = false,
}: {
  run: Run;
  axes: readonly ParallelAxis[];
  stroke: string;
  width: number;
  marked?: boolean;
}) {
  const points = axes.map((axis, index) => {
    const at = axisPosition(axis, run);
    return at === undefined ? null : { x: axisX(index, axes.length), y: PLOT.top + at * (PLOT.bottom - PLOT.top) };
  });
  const path = points
    .map((point, index) => (point ? `${index > 0 && points[index - 1] ? "L" : "M"}${point.x} ${point.y}` : ""))
    .join("");
  return (
    <g>
      <path d={path} fill="none" stroke={stroke} strokeWidth={width} strokeLinejoin="round">
        <title>{run.name}</title>
      </path>
      {marked
        ? points.map((point) => (point ? <circle key={point.x} cx={point.x} cy={point.y} r={3} fill={stroke} /> : null))
        : null}
    </g>
  );
}
