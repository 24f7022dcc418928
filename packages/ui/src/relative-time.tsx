"use client";

import { useEffect, useState } from "react";
import { formatDateTime, formatExactTime, formatRelativeTime } from "./format.ts";

/**
 * A moment: relative for 24 hours, then absolute; the exact time on hover. Wall-clock times only: event time of a replay
 * lies years back and is shown with {@link formatDateTime}. The server renders the absolute form, so that markup agrees.
 */
export function RelativeTime({ at }: { at: Date | string | number }) {
  const [now, setNow] = useState<number>();
  useEffect(() => {
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExactTime(at)}>
      {now === undefined ? formatDateTime(at) : formatRelativeTime(at, now)}
    </time>
  );
}
