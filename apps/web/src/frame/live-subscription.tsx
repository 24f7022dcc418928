"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useSubscription } from "@trpc/tanstack-react-query";
import { useEffect, useRef, useState } from "react";
import { useTRPC } from "@/trpc/client";
import { useLiveUpdate } from "./live.tsx";

/** A burst of events refreshes what is on the page at most this often. */
const REFRESH_MS = 1_500;
/** How soon it is asked again where the stream starts, after that could not be read. */
const START_MS = 5_000;

/**
 * The one stream of a project: every domain event tells the frame how far event time is, and the queries on the page
 * that what they show may have changed.
 */
export function LiveSubscription({ team, project }: { team: string; project: string }) {
  const trpc = useTRPC();
  const newest = useQuery(
    trpc.loop.events.queryOptions(
      { team, project, limit: 1 },
      {
        staleTime: Number.POSITIVE_INFINITY,
        refetchInterval: ({ state }) => (state.data === undefined ? START_MS : false),
      },
    ),
  );
  const progress = useQuery(trpc.loop.progress.queryOptions({ team, project }));
  const update = useLiveUpdate();
  const watermark = progress.data?.watermark;
  useEffect(() => {
    if (watermark) update({ eventTime: Date.parse(watermark) });
  }, [watermark, update]);
  const open = useQuery(trpc.monitoring.incidents.queryOptions({ team, project, state: "open", limit: 1 }));
  const openIncidents = open.data?.total;
  useEffect(() => {
    if (openIncidents !== undefined) update({ openIncidents });
  }, [openIncidents, update]);
  // The stream starts behind the newest event: what came before is on the page already.
  return newest.data ? (
    <Stream key={`${team}/${project}`} team={team} project={project} after={newest.data.events[0]?.id ?? 0} />
  ) : null;
}

function Stream({ team, project, after }: { team: string; project: string; after: number }) {
  const trpc = useTRPC();
  const update = useLiveUpdate();
  const refresh = useThrottledRefresh();
  // Where the stream began stays: the newest event is read again with every refresh, and a new start would open a new stream.
  const [start] = useState(after);
  useSubscription(
    trpc.loop.live.subscriptionOptions(
      { team, project, after: start },
      {
        onConnectionStateChange: ({ state }) => {
          if (state === "pending") update({ connection: "live", lastMessageAt: Date.now() });
          else if (state === "connecting") update({ connection: "stale" });
        },
        onData: ({ data }) => {
          const { watermark } = data.progress;
          update({
            connection: "live",
            lastMessageAt: Date.now(),
            ...(watermark ? { eventTime: Date.parse(watermark) } : {}),
          });
          refresh();
        },
        onError: () => update({ connection: "stale" }),
      },
    ),
  );
  return null;
}

function useThrottledRefresh(): () => void {
  const queries = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queries.invalidateQueries({ refetchType: "active" });
    }, REFRESH_MS);
  };
}
