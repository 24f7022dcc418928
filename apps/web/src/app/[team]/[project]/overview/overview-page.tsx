"use client";

import { formatCount, PageHead, Panel, Segmented } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { CommandPlace } from "@/page/commands";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { daysOf, type Overview, RANGES } from "./overview-data";
import { OverviewEmpty } from "./overview-empty";
import { OverviewHealth } from "./overview-health";
import { OverviewLoop } from "./overview-loop";
import { OverviewPast } from "./overview-past";
import { ReplayNote } from "./replay-note";

const options = RANGES.map((days) => ({ value: String(days), label: `${days} days` }));

export function OverviewPage({ place }: { place: CommandPlace }) {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const days = daysOf(params);
  const trpc = useTRPC();
  const query = useQuery(trpc.overview.get.queryOptions({ ...scope, days }, { placeholderData: keepPreviousData }));
  return (
    <>
      <PageHead title="Overview" meta={query.data ? metaOf(query.data) : null}>
        <Segmented
          label="Event days shown"
          options={options}
          value={String(days)}
          onChange={(value) => set({ days: value })}
        />
      </PageHead>
      {query.data ? (
        <QueryView query={query} what="figures">
          {(overview) => <Body overview={overview} days={days} place={place} />}
        </QueryView>
      ) : (
        <Panel title="The loop">
          <QueryView query={query} what="figures" rows={12}>
            {() => null}
          </QueryView>
        </Panel>
      )}
    </>
  );
}

const plural = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;

function metaOf({ project, counts }: Overview): string {
  return [project.name, plural(counts.deployments, "deployment"), plural(counts.versions, "model version")].join(" · ");
}

function Body({ overview, days, place }: { overview: Overview; days: number; place: CommandPlace }) {
  const { deployment } = overview;
  if (deployment === null) return <OverviewEmpty overview={overview} place={place} />;
  const serving = { ...overview, deployment };
  return (
    <>
      <ReplayNote watermark={overview.project.watermark} lastEventAt={overview.lastEventAt} />
      <OverviewHealth overview={serving} />
      <OverviewLoop overview={serving} />
      <OverviewPast overview={serving} days={days} />
    </>
  );
}
