"use client";

import { Button, Cell, EmptyState, type EmptyStep, Grid, Menu, PageHead, Panel, Segmented } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { ChevronsUpDown } from "lucide-react";
import { type CommandPlace, callCommand } from "@/page/commands";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { Calibration } from "./calibration";
import { DriftMap } from "./drift-map";
import { Health } from "./health";
import { daysOf, RANGES, rangeOf, type Watched, watchedOf } from "./monitoring-data";
import { PerformanceOverTime } from "./performance-over-time";
import { Windows } from "./windows";

const options = RANGES.map((days) => ({ value: String(days), label: `${days} days` }));

/** What the monitors saw of a deployment. */
export function MonitoringPage({ place }: { place: CommandPlace }) {
  const { scope } = useProject();
  const { params, set } = useUrlState();
  const trpc = useTRPC();
  const query = useQuery(trpc.monitoring.overviews.queryOptions(scope));
  const watched = watchedOf(query.data ?? [], params);
  return (
    <>
      <PageHead title="Monitoring" meta={watched ? <Meta watched={watched} /> : null}>
        {query.data && query.data.length > 1 && watched ? <Chooser all={query.data} watched={watched} /> : null}
        {watched?.window ? (
          <Segmented
            label="Event days shown"
            options={options}
            value={String(daysOf(params))}
            onChange={(value) => set({ days: value })}
          />
        ) : null}
      </PageHead>
      {watched ? (
        <QueryView query={query} what="verdicts">
          {() => (watched.window ? <Body watched={watched} /> : <NotYet watched={watched} place={place} />)}
        </QueryView>
      ) : (
        <Panel>
          <QueryView query={query} what="verdicts">
            {() => <NotYet watched={undefined} place={place} />}
          </QueryView>
        </Panel>
      )}
    </>
  );
}

function Meta({ watched: { deployment, columns, reference } }: { watched: Watched }) {
  return (
    <>
      <code>{deployment.name}</code>
      {columns > 0 ? <span>{columns} columns</span> : null}
      {reference ? (
        <span>
          reference {reference.from.slice(0, 10)} to {reference.to.slice(0, 10)}
        </span>
      ) : null}
    </>
  );
}

function Chooser({ all, watched }: { all: readonly Watched[]; watched: Watched }) {
  const { href } = useUrlState();
  return (
    <Menu
      trigger={<Button icon={ChevronsUpDown}>{watched.deployment.name}</Button>}
      align="end"
      entries={all.map(({ deployment }) => ({
        kind: "link",
        label: deployment.name,
        href: href({ deployment: deployment.name, column: null, day: null, before: null }),
        current: deployment.id === watched.deployment.id,
      }))}
    />
  );
}

function Body({ watched }: { watched: Watched }) {
  const { params } = useUrlState();
  const range = rangeOf(watched, daysOf(params));
  const name = watched.deployment.name;
  return (
    <>
      <Health watched={watched} />
      <DriftMap name={name} range={range} />
      <Grid>
        <Cell span={7}>
          <PerformanceOverTime name={name} range={range} />
        </Cell>
        <Cell span={5}>
          <Calibration name={name} range={range} />
        </Cell>
      </Grid>
      <Windows name={name} />
    </>
  );
}

function NotYet({ watched, place }: { watched: Watched | undefined; place: CommandPlace }) {
  const state = watched?.verdict;
  return (
    <Panel>
      <EmptyState
        title={state?.headline ?? "No deployment is watched yet"}
        explanation="Every event day of a deployment is held against a reference: drift per column, predicted against realised, served rows computed again. A day is looked at when the stream's watermark has passed its end."
        steps={watched ? streamSteps(place, watched.deployment.name) : [createStep(place)]}
        waiting={state?.reasons.join(" ") ?? "The first deployment appears here by itself."}
      />
    </Panel>
  );
}

function createStep(place: CommandPlace): EmptyStep {
  return {
    title: "Name the first endpoint",
    code: callCommand(place, "deployment.create", {
      deployment: { name: "flight-late", modelName: "flight-late", sloMs: 25 },
    }),
    help: "BALLAST_TOKEN holds a token made under Settings, Tokens.",
  };
}

function streamSteps({ gateway }: CommandPlace, name: string): EmptyStep[] {
  const authorised = `\\\n  -H "Authorization: Bearer $BALLAST_TOKEN" -H "Content-Type: application/json" \\\n`;
  return [
    {
      title: "Ask for a prediction",
      code: `$ curl ${gateway}/v2/models/${name}/infer ${authorised}  -d '{"inputs":[{"name":"distance","datatype":"FP64","shape":[1],"data":[500]}]}'`,
      help: "Send every column the deployment's features read.",
    },
    {
      title: "Say up to when the stream is complete",
      code: `$ curl ${gateway}/v1/watermark ${authorised}  -d '{"event_time":"2001-02-02T00:00:00Z"}'`,
    },
  ];
}
