"use client";

import { Button, EventRow, formatDateTime, PanelBody } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { eventLook } from "@/page/event-look";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { eventsShown, MORE_EVENTS, MOST_EVENTS } from "./overview-data";

/** The project's news, newest first. */
export function EventLog() {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const limit = eventsShown(params);
  const trpc = useTRPC();
  const query = useQuery(
    trpc.loop.events.queryOptions({ ...scope, newsOnly: true, limit }, { placeholderData: keepPreviousData }),
  );
  return (
    <div className="panel-rule">
      <QueryView query={query} what="events">
        {({ events, next }) => (
          <>
            {events.map((event) => (
              <EventLine key={event.id} event={event} />
            ))}
            {events.length === 0 ? <PanelBody>Nothing has happened yet.</PanelBody> : null}
            {next !== null && limit < MOST_EVENTS ? (
              <PanelBody>
                <Button
                  busy={query.isPlaceholderData}
                  onClick={() => set({ events: String(Math.min(MOST_EVENTS, limit + MORE_EVENTS)) })}
                >
                  {query.isPlaceholderData ? "Loading older events" : "Show older events"}
                </Button>
              </PanelBody>
            ) : null}
          </>
        )}
      </QueryView>
    </div>
  );
}

function EventLine({ event }: { event: Outputs["loop"]["events"]["events"][number] }) {
  const { activity, tone } = eventLook(event.name);
  const moment = event.eventTime ?? event.at;
  return (
    <EventRow
      time={formatDateTime(moment, { year: false })}
      dateTime={moment.toISOString()}
      tone={tone}
      activity={activity}
      by={event.eventTime === null ? "wall time" : undefined}
    >
      <code>{event.name}</code> <TickedText text={event.summary} />
    </EventRow>
  );
}
