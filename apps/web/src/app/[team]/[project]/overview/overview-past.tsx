"use client";

import { formatDay, Lanes, Panel, PanelBody, Swatch } from "@ballast/ui";
import { useMemo } from "react";
import { EventLog } from "./event-log";
import { lanesOf } from "./lanes-of";
import type { ServingOverview } from "./overview-data";

/** What happened in the range: a lane per activity on the event-time axis, and the events in words. */
export function OverviewPast({ overview, days }: { overview: ServingOverview; days: number }) {
  const { from, watermark } = overview.project;
  const range = useMemo(
    () => (from === null || watermark === null ? undefined : { from: +from, to: +watermark }),
    [from, watermark],
  );
  const lanes = useMemo(() => (range ? lanesOf(overview, range) : []), [overview, range]);
  return (
    <Panel title={`The newest ${days} days`} note="one lane per activity, event time, UTC">
      {range ? (
        <PanelBody>
          <Lanes
            lanes={lanes}
            from={range.from}
            to={range.to}
            now={range.to}
            label={`Events per activity, ${formatDay(range.from, { year: true })} to ${formatDay(range.to, { year: true })}; the list below has them in words.`}
          />
          <p className="muted small row mt-1">
            <span className="row">
              <Swatch color="s8" /> in shadow
            </span>
            <span className="row">
              <Swatch color="s2" /> in canary
            </span>
          </p>
        </PanelBody>
      ) : null}
      <EventLog />
    </Panel>
  );
}
