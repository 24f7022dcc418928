"use client";

import { EmptyState, Facts, formatCount, formatShare, Link, Panel, PanelBody } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { type CommandPlace, callCommand } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { datasetPath, deploymentPath, featureViewPath, modelPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";

type Pipeline = Outputs["training"]["pipelines"][number];

/** How each model is made again. */
export function PipelineList({ place }: { place: CommandPlace }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const query = useQuery(trpc.training.pipelines.queryOptions(scope));
  if (query.data && query.data.length > 0) {
    return query.data.map((pipeline) => <PipelinePanel key={pipeline.id} pipeline={pipeline} base={base} />);
  }
  return (
    <Panel>
      <QueryView query={query} what="pipelines">
        {() => <NoPipelines place={place} base={base} />}
      </QueryView>
    </Panel>
  );
}

function PipelinePanel({ pipeline: { name, spec }, base }: { pipeline: Pipeline; base: string }) {
  const views = Map.groupBy(spec.features, (feature) => feature.view);
  const trained = 1 - spec.validationShare - spec.testShare;
  return (
    <Panel title={name} note={`makes versions of ${spec.modelName}, ${spec.task}, with trainer ${spec.trainer}`}>
      <PanelBody>
        <Facts
          align="left"
          rows={[
            [
              "Model",
              <Link key="model" href={modelPath(base, spec.modelName)}>
                {spec.modelName}
              </Link>,
            ],
            [
              "Delivered to",
              <Link key="deployment" href={deploymentPath(base, spec.deploymentName)}>
                {spec.deploymentName}
              </Link>,
            ],
            [
              "Rows",
              <Fragment key="rows">
                dataset{" "}
                <Link className="underline" href={datasetPath(base, spec.dataset)}>
                  {spec.dataset}
                </Link>
                , then the stream <code>{spec.source}</code> from its first row on
              </Fragment>,
            ],
            [
              "Label",
              <Fragment key="label">
                <code>{spec.label}</code>, known at <code>{spec.knownAt}</code>, of the moment{" "}
                <code>{spec.rowTime}</code>
              </Fragment>,
            ],
            [
              `Features, ${formatCount(spec.features.length)}`,
              <Fragment key="features">
                {[...views].map(([view, features]) => (
                  <p key={view}>
                    <Link className="underline" href={featureViewPath(base, view)}>
                      {view}
                    </Link>
                    : <code>{features.map(({ feature }) => feature).join(", ")}</code>
                  </p>
                ))}
              </Fragment>,
            ],
            [
              "Split in time",
              `oldest ${formatShare(trained, 0)} of the rows to train on, next ${formatShare(spec.validationShare, 0)} for early stopping, newest ${formatShare(spec.testShare, 0)} held out`,
            ],
            [
              "Parameters",
              <code key="params">
                {Object.entries(spec.params)
                  .map(([key, value]) => `${key} ${value}`)
                  .join(", ") || "the trainer's own"}
              </code>,
            ],
          ]}
        />
      </PanelBody>
    </Panel>
  );
}

function NoPipelines({ place, base }: { place: CommandPlace; base: string }) {
  return (
    <EmptyState
      title="Define the first pipeline"
      explanation="A pipeline says how a model is made again: which rows, which features, which trainer. People and policies ask it for versions."
      steps={[
        {
          title: "Define it",
          code: callCommand(place, "training.definePipeline", {
            pipeline: {
              name: "flight-basic",
              spec: {
                ...{ modelName: "flight-late", deploymentName: "flight-late", task: "binary" },
                ...{
                  dataset: "flights",
                  source: "flights",
                  label: "late",
                  rowTime: "departure_utc",
                  knownAt: "known_at",
                },
                features: [{ input: "distance", view: "flight", feature: "distance" }],
                ...{ trainer: "gbdt", params: { maxTrees: 100 } },
              },
            },
          }),
          help: (
            <>
              Dataset and feature view must exist by then. BALLAST_TOKEN is a token with <code>training.request</code>:{" "}
              <Link href={`${base}/settings/tokens`}>make one</Link>.
            </>
          ),
        },
      ]}
      waiting="Listening for the first pipeline. This page changes by itself."
    />
  );
}
