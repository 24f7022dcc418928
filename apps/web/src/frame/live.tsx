"use client";

import { formatDateTime, Glyph } from "@ballast/ui";
import { createContext, type ReactNode, useContext, useState } from "react";

/** How fresh the page is. */
export interface LiveState {
  /** `stale` once the stream has dropped: values keep their place, marked with their age. */
  connection: "connecting" | "live" | "stale";
  /** Event time up to which the project's stream is complete, epoch ms. */
  eventTime?: number | undefined;
  /** Wall time of the last message, epoch ms. */
  lastMessageAt?: number | undefined;
  openIncidents?: number | undefined;
}

const LiveContext = createContext<LiveState>({ connection: "connecting" });
const LiveUpdateContext = createContext<(change: Partial<LiveState>) => void>(() => {});

/** Holds the live state of a project; the subscription writes it, the frame shows it. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<LiveState>({ connection: "connecting" });
  const [update] = useState(() => (change: Partial<LiveState>) => setState((current) => ({ ...current, ...change })));
  return (
    <LiveUpdateContext.Provider value={update}>
      <LiveContext.Provider value={state}>{children}</LiveContext.Provider>
    </LiveUpdateContext.Provider>
  );
}

export const useLive = (): LiveState => useContext(LiveContext);

/** For the one subscription of a project: reports connection, event time and counts. */
export const useLiveUpdate = (): ((change: Partial<LiveState>) => void) => useContext(LiveUpdateContext);

const clock = (at: number): string => new Date(at).toTimeString().slice(0, 5);

/** "Live 20 Jun 2001 14:35", or "Last update 14:31" once the stream has dropped. */
export function LiveIndicator() {
  const { connection, eventTime, lastMessageAt } = useLive();
  const time =
    eventTime === undefined ? null : (
      <time dateTime={new Date(eventTime).toISOString()}>{formatDateTime(eventTime)}</time>
    );
  if (connection === "live") {
    return (
      <span className="live-state" data-tone="healthy" title="Updates stream in. Event time of the newest window, UTC.">
        <Glyph tone="running" size={11} />
        <b>Live</b>
        {time}
      </span>
    );
  }
  const words = lastMessageAt === undefined ? "Connecting" : `Last update ${clock(lastMessageAt)}`;
  const stale = connection === "stale";
  return (
    <span className="live-state" data-tone={stale ? "warning" : "idle"} role="status">
      <Glyph tone={stale ? "warning" : "idle"} size={11} />
      <b>{words}</b>
      {time}
    </span>
  );
}
