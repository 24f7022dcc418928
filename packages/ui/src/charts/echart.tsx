"use client";

import type { EChartsOption } from "echarts";
import type { EChartsType } from "echarts/core";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { nearest } from "./chart-data.ts";
import { type Reading, readingElement, spoken } from "./reading.ts";

/** Above this many points a canvas is faster than SVG. */
const CANVAS_ABOVE = 2_000;

export interface EChartProps {
  option: EChartsOption | undefined;
  height: number;
  /** The text alternative. */
  label: string;
  points: number;
  /** Where a reading exists, ascending: epoch ms, numbers, or indices of categories. */
  positions: readonly number[];
  readingAt: (x: number) => Reading;
  onOpen?: ((x: number) => void) | undefined;
}

/**
 * One ECharts instance: created when the runtime has loaded, kept while the option changes, sized with its box.
 * Hover and arrow keys show the same reading; click and Enter open the rows behind it.
 */
export function EChart({ option, height, label, points, positions, readingAt, onOpen }: EChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const latest = useRef({ positions, readingAt, onOpen });
  latest.current = { positions, readingAt, onOpen };
  const [ready, setReady] = useState(false);
  const [cursor, setCursor] = useState<number>();
  const renderer = points > CANVAS_ABOVE ? "canvas" : "svg";

  useEffect(() => {
    let disposed = false;
    let observer: ResizeObserver | undefined;
    void import("./echarts-runtime.ts").then(({ init }) => {
      if (disposed || !box.current) return;
      const instance = init(box.current, undefined, { renderer });
      chart.current = instance;
      instance.getZr().on("click", (event: { offsetX: number; offsetY: number }) => {
        const x = positionUnder(instance, event, latest.current.positions);
        if (x !== undefined) latest.current.onOpen?.(x);
      });
      observer = new ResizeObserver(() => instance.resize());
      observer.observe(box.current);
      setReady(true);
    });
    return () => {
      disposed = true;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
      setReady(false);
    };
  }, [renderer]);

  useEffect(() => {
    if (!ready || !option || !chart.current) return;
    chart.current.setOption(withTooltip(option, latest), { notMerge: true });
  }, [ready, option]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step !== undefined && positions.length > 0) {
      event.preventDefault();
      const next = Math.min(positions.length - 1, Math.max(0, (cursor ?? (step > 0 ? -1 : positions.length)) + step));
      setCursor(next);
      showReading(chart.current, positions[next]);
    } else if (event.key === "Enter" && cursor !== undefined) {
      const x = positions[cursor];
      if (x !== undefined) onOpen?.(x);
    } else if (event.key === "Escape") {
      hideReading();
    }
  };
  const hideReading = (): void => {
    setCursor(undefined);
    chart.current?.dispatchAction({ type: "hideTip" });
    chart.current?.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
  };
  const reading = cursor === undefined ? undefined : positions[cursor];

  return (
    <>
      <div
        className="chart-canvas"
        role="img"
        aria-label={`${label} Arrow keys read the values.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the reading
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={hideReading}
        style={{ height, cursor: onOpen ? "pointer" : undefined }}
        ref={box}
      />
      <span className="visually-hidden" aria-live="polite">
        {reading === undefined ? "" : spoken(readingAt(reading))}
      </span>
    </>
  );
}

function positionUnder(
  chart: EChartsType,
  event: { offsetX: number; offsetY: number },
  positions: readonly number[],
): number | undefined {
  if (!chart.containPixel("grid", [event.offsetX, event.offsetY])) return undefined;
  const [x] = chart.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]) as number[];
  return x === undefined ? undefined : nearest(positions, x);
}

function showReading(chart: EChartsType | undefined, x: number | undefined): void {
  if (!chart || x === undefined) return;
  const [left = 0] = chart.convertToPixel({ gridIndex: 0 }, [x, 0]) as number[];
  // Any height inside the grid will do: the tooltip follows the axis.
  chart.dispatchAction({ type: "showTip", x: left, y: chart.getHeight() / 2 });
}

function withTooltip(
  option: EChartsOption,
  latest: { readonly current: Pick<EChartProps, "positions" | "readingAt"> },
): EChartsOption {
  const line = (option.textStyle as { color?: string } | undefined)?.color;
  return {
    ...option,
    tooltip: {
      trigger: "axis",
      confine: true,
      transitionDuration: 0,
      backgroundColor: "transparent",
      borderWidth: 0,
      padding: 0,
      extraCssText: "box-shadow:none",
      axisPointer: { type: "line", lineStyle: { type: "solid", width: 1, ...(line ? { color: line } : {}) } },
      formatter: (params) => {
        const first = Array.isArray(params) ? params[0] : params;
        const value = (first as { axisValue?: unknown } | undefined)?.axisValue;
        const at = nearest(latest.current.positions, Number(value));
        return at === undefined ? "" : readingElement(latest.current.readingAt(at));
      },
    },
  };
}
