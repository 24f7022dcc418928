"use client";

import { formatDateTime, RelativeTime } from "@ballast/ui";

/** Farther behind the wall clock than this, event time is a replay and no late stream. */
const REPLAY_AFTER_MS = 30 * 86_400_000;

/** Says honestly that the page's clock is the data's: history is replayed, and the replay waits for the platform. */
export function ReplayNote({ watermark, lastEventAt }: { watermark: Date | null; lastEventAt: Date | null }) {
  if (watermark === null || lastEventAt === null || +lastEventAt - +watermark < REPLAY_AFTER_MS) return null;
  return (
    <p className="muted small">
      Event time is replayed from {watermark.getUTCFullYear()} and stands at {formatDateTime(watermark)} UTC; the last
      event came <RelativeTime at={lastEventAt} />. The replay waits for the platform, so its speed changes no verdict.
    </p>
  );
}
