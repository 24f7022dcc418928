"use client";

import { Cell, Grid } from "@ballast/ui";
import type { RunRecord } from "../tracking";
import { ArtifactPanel, ImportancePanel } from "./artifact-panels";
import { LoggedTags, ParamPanel } from "./logged-values";
import { MetricPanel } from "./metric-panel";
import { NestedRuns } from "./nested-runs";
import { OriginPanel } from "./origin-panel";
import { RunNotes } from "./run-notes";

/** Everything about a run that is not a picture over time. */
export function RunOverview({ run }: { run: RunRecord }) {
  return (
    <>
      <RunNotes run={run} />
      <Grid>
        <Cell span={7}>
          <div>
            <MetricPanel run={run} />
          </div>
        </Cell>
        <Cell span={5}>
          <div className="stack">
            <ParamPanel run={run} />
            <OriginPanel run={run} />
            <LoggedTags run={run} />
          </div>
        </Cell>
        <Cell span={6}>
          <ArtifactPanel title="Inputs" note="what it read" artifacts={inputsOf(run)} none="No input was recorded." />
        </Cell>
        <Cell span={6}>
          <ArtifactPanel
            title="Outputs"
            lineageOf={run.id}
            note="what it made"
            artifacts={outputsOf(run)}
            none={run.endedAt ? "No output was recorded." : "It made nothing yet."}
          />
        </Cell>
      </Grid>
      <NestedRuns run={run} />
      <ImportancePanel run={run} />
    </>
  );
}

type ShownArtifact = Parameters<typeof ArtifactPanel>[0]["artifacts"][number];

function inputsOf(run: RunRecord): ShownArtifact[] {
  return [
    ...run.inputs,
    ...run.links.datasets.map(({ dataset, tags }) => ({
      kind: "dataset",
      id: dataset.id,
      label: dataset.name,
      detail: { digest: dataset.digest, source: sourceText(dataset.source), ...contextOf(tags) },
    })),
    ...run.links.inputModels.map(({ modelId }) => ({ kind: "logged_model", id: modelId, label: modelId })),
  ];
}

/** MLflow writes a source as JSON of one address, most of the time. */
function sourceText(source: unknown): unknown {
  if (typeof source !== "string" || !source.startsWith("{")) return source;
  try {
    const values = Object.values(JSON.parse(source) as Record<string, unknown>);
    return values.length === 1 && typeof values[0] === "string" ? values[0] : source;
  } catch {
    return source;
  }
}

/** MLflow's own tag says what the data was for. */
function contextOf({ "mlflow.data.context": context, ...rest }: Record<string, string>): Record<string, string> {
  return context === undefined ? rest : { context, ...rest };
}

function outputsOf(run: RunRecord): ShownArtifact[] {
  return [
    ...run.outputs,
    ...run.links.outputModels.map(({ modelId, step }) => ({
      kind: "logged_model",
      id: modelId,
      label: modelId,
      detail: { step },
    })),
  ];
}
