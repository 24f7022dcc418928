"use client";

import { formatCount, PageHead, SegmentedLinks } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import type { CommandPlace } from "@/page/commands";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { JobList } from "./job-list";
import { PipelineList } from "./pipeline-list";
import { PolicyList } from "./policy-list";
import { type TrainingTab, tabOf } from "./query";
import { RequestTraining } from "./request-training";

/** How models are made again: what was asked for, how it is done, and what asks by itself. */
export function TrainingPage({ place, mayRequest }: { place: CommandPlace; mayRequest: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params, href } = useUrlState();
  const pipelines = useQuery(trpc.training.pipelines.queryOptions(scope));
  const policies = useQuery(trpc.training.policies.queryOptions(scope));
  const tab = tabOf(new URLSearchParams(params.toString()));
  const counted = (label: string, list: readonly unknown[] | undefined) =>
    list ? `${label} ${formatCount(list.length)}` : label;
  const link = (value: TrainingTab, label: string) => ({
    value,
    label,
    href: href({ tab: value === "jobs" ? null : value, before: null, state: null }),
  });
  return (
    <>
      <PageHead title="Training" meta="A job starts only when the budget can take its worst case">
        <SegmentedLinks
          label="Part of the page"
          current={tab}
          options={[
            link("jobs", "Jobs"),
            link("pipelines", counted("Pipelines", pipelines.data)),
            link("policies", counted("Policies", policies.data)),
          ]}
        />
        {mayRequest && pipelines.data && pipelines.data.length > 0 ? (
          <RequestTraining pipelines={pipelines.data} />
        ) : null}
      </PageHead>
      {tab === "jobs" ? (
        <JobList />
      ) : tab === "pipelines" ? (
        <PipelineList place={place} />
      ) : (
        <PolicyList place={place} />
      )}
    </>
  );
}
