"use client";

import { type DataColumn, EmptyState, formatCount, Link, Panel, PanelBody, RelativeTime, Tag } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type CommandPlace, callCommand } from "@/page/commands";
import { type FeatureInWords, featuresInWords, viewInWords } from "@/page/feature-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { RecordTable } from "@/page/record-table";
import { SearchBox } from "@/page/search-box";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { featuresQuery } from "./query";

type FeatureView = Outputs["feature"]["list"][number];

export const featureColumns: DataColumn<FeatureInWords>[] = [
  { id: "name", header: "Feature", value: (row) => row.name, primary: true, cell: (row) => <code>{row.name}</code> },
  { id: "words", header: "What it is", value: (row) => row.words, sortable: false, wide: true },
  { id: "unit", header: "Unit", value: (row) => row.unit },
];

/** Every feature view with its features in words; without any, how to define the first. */
export function FeatureList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params } = useUrlState();
  const asked = featuresQuery(new URLSearchParams(params.toString()));
  const query = useQuery(trpc.feature.list.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  const views = query.data;
  if (views?.length === 0 && !asked.search) {
    return (
      <Panel>
        <NoFeatures place={place} base={base} />
      </Panel>
    );
  }
  return (
    <>
      <div className="row">
        <SearchBox label="Search feature views by name" placeholder="Search by name" />
      </div>
      {views && views.length > 0 ? (
        views.map((view) => <ViewPanel key={view.id} view={view} base={base} />)
      ) : (
        <Panel>
          <QueryView query={query} what="feature views">
            {() => (
              <PanelBody>
                <p className="secondary">No feature view&apos;s name contains “{asked.search}”.</p>
              </PanelBody>
            )}
          </QueryView>
        </Panel>
      )}
    </>
  );
}

function ViewPanel({ view, base }: { view: FeatureView; base: string }) {
  const features = featuresInWords(view.definition);
  return (
    <Panel
      title={
        <Link className="row-link" href={`${base}/features/${encodeURIComponent(view.name)}`}>
          {view.name}
        </Link>
      }
      note={`${formatCount(features.length)} features, ${view.definition.kind === "request" ? "of the request" : "over a stream"}`}
      actions={
        <span className="row muted small">
          <Tag>v{view.version}</Tag> <RelativeTime at={view.createdAt} />
        </span>
      }
    >
      <PanelBody>
        {view.definition.description ? <p>{view.definition.description}</p> : null}
        <p className="secondary">{viewInWords(view.definition)}</p>
      </PanelBody>
      <div className="panel-rule">
        <RecordTable
          label={`Features of ${view.name}`}
          name={view.name}
          columns={featureColumns}
          rows={features}
          rowId={(row) => row.name}
        />
      </div>
    </Panel>
  );
}

function NoFeatures({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Define the first feature view"
      explanation="A feature view says once how values come about. The gateway computes them for every request, training computes them for the past, and served rows are recomputed and compared."
      steps={[
        {
          title: "Define it",
          code: callCommand(place, "feature.define", {
            definition: {
              kind: "request",
              name: "flight",
              description: "What the schedule says of a flight.",
              features: [
                { name: "hour", expression: { op: "hour_of_day", column: "departure_local" }, unit: null },
                { name: "distance", expression: { op: "column", column: "distance" }, unit: "mile" },
              ],
            },
          }),
          help: (
            <>
              BALLAST_TOKEN is a token with <code>feature.write</code>:{" "}
              <Link className="underline" href={`${base}/settings/tokens`}>
                make one
              </Link>
              .
            </>
          ),
        },
      ]}
      waiting={
        <>
          Listening on <code>feature.define</code> for project <code>{place.project}</code>. This page changes by
          itself.
        </>
      }
    />
  );
}
