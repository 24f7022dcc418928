"use client";

import type { EChartsOption } from "echarts";
import type { EChartsType } from "echarts/core";
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { type Reading, spoken } from "../reading.ts";

/** A shorter drag is a click. */
const LEAST_DRAG = 6;
/** Arrow keys cross the picture in this many steps. */
const KEY_STEPS = 100;

export interface PlotProps {
  option: EChartsOption | undefined;
  height: number;
  /** The text alternative. */
  label: string;
  /** What is said at a place, in the axes' units; undefined where there is nothing. */
  readingAt?: ((x: number, y: number | undefined) => Reading | undefined) | undefined;
  /** The axis from left to right, for the arrow keys. */
  domain?: readonly [number, number] | undefined;
  /** A drag over the picture chose a range of the axis. */
  onRange?: ((from: number, to: number) => void) | undefined;
  /** Back to the whole: a double click or Escape. */
  onReset?: (() => void) | undefined;
  /** The instance, for events of its own kind of chart. */
  onReady?: ((chart: EChartsType) => void) | undefined;
}

interface Pointed {
  left: number;
  top: number;
  reading: Reading;
}

/** An ECharts canvas for comparisons: one reading under the pointer or the arrow keys, and a drag that zooms. */
export function Plot({ option, height, label, readingAt, domain, onRange, onReset, onReady }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const ready = useRef(onReady);
  ready.current = onReady;
  const [loaded, setLoaded] = useState(false);
  const [pointed, setPointed] = useState<Pointed>();
  const [drag, setDrag] = useState<{ from: number; to: number }>();
  const [key, setKey] = useState<number>();

  useEffect(() => {
    let disposed = false;
    let observer: ResizeObserver | undefined;
    void import("./plot-runtime.ts").then(({ init }) => {
      if (disposed || !box.current) return;
      const instance = init(box.current, undefined, { renderer: "canvas" });
      chart.current = instance;
      ready.current?.(instance);
      observer = new ResizeObserver(() => instance.resize());
      observer.observe(box.current);
      setLoaded(true);
    });
    return () => {
      disposed = true;
      observer?.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
      setLoaded(false);
    };
  }, []);
  useEffect(() => {
    if (loaded && option) chart.current?.setOption(option, { notMerge: true });
  }, [loaded, option]);

  const valueAt = (left: number, top: number): [x: number, y: number] | undefined => {
    const instance = chart.current;
    if (!instance || !option?.grid || !instance.containPixel("grid", [left, top])) return undefined;
    const [x, y] = instance.convertFromPixel({ gridIndex: 0 }, [left, top]) as number[];
    return x === undefined || y === undefined ? undefined : [x, y];
  };
  const place = (event: PointerEvent): [left: number, top: number] => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return [event.clientX - bounds.left, event.clientY - bounds.top];
  };
  const onPointerMove = (event: PointerEvent): void => {
    const [left, top] = place(event);
    if (drag) {
      setDrag({ ...drag, to: left });
      return;
    }
    const at = valueAt(left, top);
    const reading = at && readingAt?.(at[0], at[1]);
    setPointed(reading ? { left, top, reading } : undefined);
  };
  const onPointerUp = (): void => {
    setDrag(undefined);
    if (!drag || Math.abs(drag.to - drag.from) < LEAST_DRAG) return;
    const middle = height / 2;
    const ends = [drag.from, drag.to].map((left) => {
      const [x] = (chart.current?.convertFromPixel({ gridIndex: 0 }, [left, middle]) ?? []) as number[];
      return x ?? Number.NaN;
    });
    const [from, to] = [Math.min(...ends), Math.max(...ends)];
    if (Number.isFinite(from) && Number.isFinite(to) && from < to) onRange?.(from, to);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") {
      setKey(undefined);
      setPointed(undefined);
      onReset?.();
    } else if (step !== undefined && domain && readingAt) {
      event.preventDefault();
      const next = Math.min(KEY_STEPS, Math.max(0, (key ?? (step > 0 ? -1 : KEY_STEPS + 1)) + step));
      setKey(next);
      const x = domain[0] + ((domain[1] - domain[0]) * next) / KEY_STEPS;
      const reading = readingAt(x, undefined);
      const [left = 0] = (chart.current?.convertToPixel({ gridIndex: 0 }, [x, 0]) ?? []) as number[];
      setPointed(reading ? { left, top: height / 2, reading } : undefined);
    }
  };
  return (
    <div className="plot" style={{ height }}>
      <div
        ref={box}
        className="chart-canvas"
        role="img"
        aria-label={readingAt ? `${label} Arrow keys read the values.` : label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the reading
        tabIndex={0}
        style={{ height, cursor: onRange ? "crosshair" : undefined, touchAction: "pan-y" }}
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(undefined)}
        onPointerDown={(event) => {
          const [left, top] = place(event);
          if (!onRange || event.button !== 0 || !valueAt(left, top)) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          setPointed(undefined);
          setDrag({ from: left, to: left });
        }}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={() => setDrag(undefined)}
        onPointerLeave={() => setPointed(undefined)}
        onDoubleClick={onReset}
      />
      {drag ? (
        <span
          className="plot-drag"
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }}
        />
      ) : null}
      {pointed ? <ReadingBox {...pointed} width={box.current?.clientWidth ?? 0} /> : null}
      <span className="visually-hidden" aria-live="polite">
        {key !== undefined && pointed ? spoken(pointed.reading) : ""}
      </span>
    </div>
  );
}

function ReadingBox({ left, top, reading, width }: Pointed & { width: number }) {
  const before = left > width / 2;
  return (
    <>
      <span className="plot-hair" style={{ left }} />
      <div
        className="chart-reading plot-reading"
        style={{ top: Math.max(0, top - 24), ...(before ? { right: width - left + 12 } : { left: left + 12 }) }}
      >
        <b>{reading.title}</b>
        {reading.lines.map((line) => (
          <div key={`${line.label} ${line.color}`}>
            <span className="swatch" style={{ "--swatch": line.color } as React.CSSProperties} />
            <span className="plot-reading-label">{line.label}</span>
            <span className="chart-reading-value">{line.text}</span>
          </div>
        ))}
      </div>
    </>
  );
}
