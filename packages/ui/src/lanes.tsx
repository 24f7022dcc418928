"use client";

import { useEffect, useRef, useState } from "react";
import { GlyphShape } from "./glyph.tsx";
import { placeLabels } from "./lane-labels.ts";
import { tickLabel, timeTicks } from "./time-ticks.ts";
import type { SeriesColor, Tone } from "./tone.ts";

export interface LaneEvent {
  /** Epoch ms. */
  at: number;
  tone: Tone;
  /** Short: "v5 passed 6 gates". Left out where it would run into its neighbour; always in the title. */
  label: string;
}

export interface LaneSpan {
  from: number;
  to: number;
  color: SeriesColor;
  label: string;
}

export interface Lane {
  name: string;
  events: readonly LaneEvent[];
  spans?: readonly LaneSpan[];
}

const LANE = 36;
const TOP = 6;

/** Events per activity on one event-time axis: what happened when, in which lane, and for how long. Times are UTC. */
export function Lanes({
  lanes,
  from,
  to,
  now,
  label,
}: {
  lanes: readonly Lane[];
  from: number;
  to: number;
  /** Marked with a dotted line. */
  now?: number | undefined;
  /** One sentence: the text alternative. */
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(1136);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(Math.max(280, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const left = width < 600 ? 62 : 72;
  const right = width - 10;
  const x = (at: number): number => left + ((at - from) / Math.max(1, to - from)) * (right - left);
  const foot = TOP + lanes.length * LANE;
  return (
    <div className="lanes" ref={box}>
      <svg viewBox={`0 0 ${width} ${foot + 20}`} height={foot + 20} role="img" aria-label={label}>
        {lanes.map((lane, index) => (
          <LaneRow
            key={lane.name}
            lane={lane}
            y={TOP + index * LANE + LANE / 2}
            left={left}
            right={right}
            x={x}
            labelled={width >= 600}
          />
        ))}
        <line className="lane-axis" x1={left} x2={right} y1={foot + 0.5} y2={foot + 0.5} />
        {timeTicks(from, to, width < 600 ? 3 : 6).map((at) => (
          <text
            className="lane-tick"
            key={at}
            x={x(at)}
            y={foot + 15}
            textAnchor={x(at) > right - 24 ? "end" : "middle"}
          >
            {tickLabel(at)}
          </text>
        ))}
        {now === undefined ? null : <line className="lane-now" x1={x(now)} x2={x(now)} y1={TOP} y2={foot} />}
      </svg>
    </div>
  );
}

function LaneRow({
  lane,
  y,
  left,
  right,
  x,
  labelled,
}: {
  lane: Lane;
  y: number;
  left: number;
  right: number;
  x: (at: number) => number;
  labelled: boolean;
}) {
  const labels = labelled
    ? placeLabels(
        lane.events.map((event) => ({ x: x(event.at), text: event.label })),
        (lane.spans ?? []).map((span) => ({ from: x(span.from), to: x(span.to) })),
        { left, right },
      )
    : [];
  return (
    <g>
      <line className="lane-line" x1={left} x2={right} y1={y} y2={y} />
      <text x="0" y={y + 4}>
        {lane.name}
      </text>
      {lane.spans?.map((span, index) => (
        <rect
          // biome-ignore lint/suspicious/noArrayIndexKey: two spans may begin at one moment under one label
          key={`${span.from} ${span.label} ${index}`}
          x={x(span.from)}
          y={y - 5}
          width={Math.max(2, x(span.to) - x(span.from))}
          height="10"
          rx="1"
          fill={`var(--${span.color})`}
        >
          <title>{span.label}</title>
        </rect>
      ))}
      {lane.events.map((event, index) => {
        const place = labels[index];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two events may share moment and label
          <g key={`${event.at} ${event.label} ${index}`}>
            <title>{event.label}</title>
            <GlyphShape tone={event.tone} x={x(event.at) - 6} y={y - 6} />
            {place ? (
              <text className="lane-halo" x={place.x} y={y + 4} textAnchor={place.anchor}>
                {event.label}
              </text>
            ) : null}
          </g>
        );
      })}
    </g>
  );
}
