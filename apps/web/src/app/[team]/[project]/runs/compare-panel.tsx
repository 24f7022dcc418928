"use client";

import { IconButton, Note, Panel, PanelBody, SegmentedLinks, SkeletonRows } from "@ballast/ui";
import { useQueries } from "@tanstack/react-query";
import { X } from "lucide-react";
import { requestIdOf } from "@/page/request-id";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { type CompareTab, CompareTable } from "./compare-table";
import { ParallelChart } from "./parallel-chart";
import type { Run } from "./run-columns";
import { MOST_COMPARED } from "./runs-query";

const TABS = [
  ["chart", "Chart"],
  ["metrics", "Metrics"],
  ["parameters", "Parameters"],
  ["inputs", "Data and code"],
] as const;

/** The chosen runs side by side, docked below the list. Runs of other pages are read one by one. */
export function ComparePanel({ ids, around }: { ids: readonly string[]; around: readonly Run[] }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params, href, set } = useUrlState();
  const tab = TABS.find(([value]) => value === params.get("tab"))?.[0] ?? "chart";
  const answers = useQueries({ queries: ids.map((runId) => trpc.experiment.run.queryOptions({ ...scope, runId })) });
  const runs = answers.flatMap(({ data }) => (data ? [data] : []));
  const failed = answers.find(({ error }) => error)?.error;
  return (
    <Panel
      title={ids.length === 1 ? "Compare 1 run" : `Compare ${ids.length} runs`}
      note={
        ids.length === MOST_COMPARED
          ? `the newest ${MOST_COMPARED} chosen; one more takes the place of the first`
          : undefined
      }
      actions={
        <>
          <SegmentedLinks
            label="What is compared"
            current={tab}
            options={TABS.map(([value, label]) => ({
              value,
              label,
              href: href({ tab: value === "chart" ? null : value }),
            }))}
          />
          <IconButton icon={X} label="Close the comparison" onClick={() => set({ run: null, tab: null })} />
        </>
      }
    >
      {failed ? (
        <PanelBody>
          <Note tone="breach" alert>
            <b>A chosen run could not be read.</b> {failed.message} Close the comparison, or choose again.{" "}
            {requestIdOf(failed) ? <span className="muted">Request {requestIdOf(failed)}</span> : null}
          </Note>
        </PanelBody>
      ) : null}
      {runs.length === 0 ? (
        failed ? null : (
          <SkeletonRows count={4} label="Loading the chosen runs" />
        )
      ) : tab === "chart" ? (
        <ParallelChart chosen={runs} around={around} />
      ) : (
        <CompareTable tab={tab satisfies CompareTab} runs={runs} />
      )}
    </Panel>
  );
}
