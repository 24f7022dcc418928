"use client";

import { Button, Icon, Link, PageHead, Panel, PanelBody, SegmentedLinks, Swatch } from "@ballast/ui";
import { X } from "lucide-react";
import { useMemo } from "react";
import { QueryView } from "@/page/query-view";
import { runPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useRunsById } from "../table/use-runs";
import type { SearchedRun } from "../tracking";
import { BoxTab } from "./box-tab";
import { type CompareState, compareState, lookOf, TABS } from "./compare-state";
import { CompareTable } from "./compare-table";
import { MetricCharts } from "./metric-charts";
import { ParallelTab } from "./parallel-tab";
import { ScatterTab } from "./scatter-tab";

/** Runs side by side: their metrics over time, their parameters against their results, and what differs. */
export function ComparePage() {
  const { base } = useProject();
  const { params, href } = useUrlState();
  const address = params.toString();
  const state = useMemo(() => compareState(new URLSearchParams(address)), [address]);
  const { runs, query } = useRunsById(state.ids);
  if (state.ids.length === 0) {
    return (
      <>
        <PageHead title="Compare runs" />
        <Panel>
          <PanelBody>
            <p>No run is named in the address. Select runs in the table and press c.</p>
            <p className="mt-2">
              <Button asChild>
                <Link href={`${base}/runs`}>Choose runs</Link>
              </Button>
            </p>
          </PanelBody>
        </Panel>
      </>
    );
  }
  const missing = query.data ? state.ids.length - runs.length : 0;
  return (
    <>
      <PageHead
        title={state.ids.length === 1 ? "Compare 1 run" : `Compare ${state.ids.length} runs`}
        meta={missing > 0 ? <span>{missing} of them cannot be found in this project</span> : undefined}
      >
        <SegmentedLinks
          label="What is compared"
          current={state.tab}
          options={TABS.map(([value, label]) => ({
            value,
            label,
            href: href({ tab: value === "charts" ? null : value }),
          }))}
        />
      </PageHead>
      <QueryView query={query} what="runs">
        {() => (
          <>
            <RunChips runs={runs} state={state} />
            <Tab runs={runs} state={state} />
          </>
        )}
      </QueryView>
    </>
  );
}

function Tab({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  switch (state.tab) {
    case "charts":
      return <MetricCharts runs={runs} state={state} />;
    case "parallel":
      return <ParallelTab runs={runs} state={state} />;
    case "scatter":
      return <ScatterTab runs={runs} state={state} />;
    case "box":
      return <BoxTab runs={runs} state={state} />;
    case "table":
      return <CompareTable runs={runs} state={state} />;
  }
}

/** Runs named in the legend; beyond these the charts' readings name them. */
const MOST_NAMED = 30;

/** Which colour is which run, and a way to take one out. */
function RunChips({ runs, state }: { runs: readonly SearchedRun[]; state: CompareState }) {
  const { base } = useProject();
  const { set } = useUrlState();
  const without = (id: string): void => set({ run: state.ids.filter((one) => one !== id), runs: null });
  return (
    <ul className="compare-runs" aria-label="Compared runs">
      {runs.slice(0, MOST_NAMED).map((run) => {
        const { color, dash } = lookOf(run.id, state.ids.indexOf(run.id), state.colors);
        return (
          <li key={run.id} className="chip">
            {dash === "solid" ? (
              <Swatch color={color} />
            ) : (
              <span
                className="legend-key"
                data-kind="dashed"
                style={{ "--key": `var(--${color})` } as React.CSSProperties}
              />
            )}
            <Link href={runPath(base, run.id)} prefetch={false}>
              {run.name}
            </Link>
            <button
              type="button"
              className="grid size-[24px] place-items-center"
              aria-label={`Take ${run.name} out of the comparison`}
              onClick={() => without(run.id)}
            >
              <Icon of={X} size={12} />
            </button>
          </li>
        );
      })}
      {runs.length > MOST_NAMED ? <li className="muted small">and {runs.length - MOST_NAMED} more</li> : null}
    </ul>
  );
}
