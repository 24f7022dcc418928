"use client";

import {
  Cell,
  CopyId,
  Figures,
  formatBytes,
  formatDay,
  formatSampleSize,
  Grid,
  Note,
  PageHead,
  RelativeTime,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { AliasChip } from "@/page/alias-chip";
import { causeWords } from "@/page/cause-words";
import { metricWords } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { unitCostNote, unitCostText } from "@/page/unit-cost";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { LineagePanel } from "./lineage-panel";
import { RolloutPanel } from "./rollout-panel";
import { BindingPanel, GatePanel, MetricPanel, OriginPanel, SignaturePanel } from "./version-panels";

export type VersionPage = Outputs["model"]["version"];

const FIGURES = ["auc", "brier", "brier_skill", "rmse"];

/** One version: what it is, where it comes from, what it was measured at, and every rollout it was in. */
export function VersionView({ versionId }: { versionId: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const query = useQuery(trpc.model.version.queryOptions({ ...scope, versionId }));
  return (
    <QueryView query={query} what="version's records">
      {(page) => (
        <>
          <Head page={page} />
          <GateVerdict page={page} />
          <KeyFigures page={page} />
          <LineagePanel versionId={versionId} />
          <Grid>
            <Cell span={8}>
              <GatePanel page={page} />
            </Cell>
            <Cell span={4}>
              <OriginPanel page={page} />
            </Cell>
            <Cell span={12}>
              <RolloutPanel page={page} />
            </Cell>
            <Cell span={12}>
              <BindingPanel page={page} />
            </Cell>
            <Cell span={5}>
              <MetricPanel page={page} />
            </Cell>
            <Cell span={7}>
              <SignaturePanel page={page} />
            </Cell>
          </Grid>
        </>
      )}
    </QueryView>
  );
}

function Head({ page }: { page: VersionPage }) {
  const { version, model, aliases, deployments } = page;
  const shadow = deployments.some(({ role }) => role === "shadow");
  return (
    <PageHead
      title={`${model.name} v${version.version}`}
      meta={
        <>
          {aliases.map(({ alias }) => (
            <AliasChip key={alias} alias={alias} />
          ))}
          {shadow ? <AliasChip alias="shadow" /> : null}
          <span>
            {causeWords(version.cause)}, registered <RelativeTime at={version.createdAt} /> by {version.createdBy}
          </span>
          <CopyId value={version.id} />
        </>
      }
    />
  );
}

/** May it serve: what the gates said. */
function GateVerdict({ page }: { page: VersionPage }) {
  const { gates, deployments, version } = page;
  const failed = gates.filter((gate) => !gate.passed);
  const serving = deployments.filter(({ role }) => role !== "shadow").map(({ name }) => name);
  if (gates.length === 0) {
    return (
      <Note tone="idle">
        <b>Not yet gated.</b> Gates are measured when a rollout of this version is asked for.
      </Note>
    );
  }
  if (failed.length > 0) {
    return (
      <Note tone="breach">
        <b>
          Refused by {failed.length} of {gates.length} gates: {failed.map(({ gate }) => gate).join(", ")}.
        </b>{" "}
        {failed[0]?.message}
      </Note>
    );
  }
  return (
    <Note tone="healthy">
      <b>
        Passed {gates.length} of {gates.length} gates.
      </b>{" "}
      {serving.length > 0
        ? `v${version.version} answers on ${serving.join(", ")}.`
        : deployments.length > 0
          ? `v${version.version} shadows ${deployments.map(({ name }) => name).join(", ")}: it scores every request and answers none.`
          : "It answers nobody now."}
    </Note>
  );
}

function KeyFigures({ page }: { page: VersionPage }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { version, model } = page;
  const costs = useQuery(trpc.finops.unitCosts.queryOptions({ ...scope, modelId: model.id }));
  const cost = costs.data?.find(({ modelVersionId }) => modelVersionId === version.id);
  const { trainedFrom, trainedTo } = version.lineage;
  return (
    <Figures
      items={[
        ...FIGURES.filter((name) => version.metrics[name] !== undefined).map((name) => ({
          label: metricWords(name).label,
          value: metricWords(name).text(version.metrics[name]),
          note:
            name === "brier" && version.metrics.base_brier !== undefined
              ? `base rate scores ${metricWords("base_brier").text(version.metrics.base_brier)}, ${formatSampleSize(version.metrics.n)}`
              : `held out, ${formatSampleSize(version.metrics.n)}`,
        })),
        { label: "Cost per 1,000 predictions", value: unitCostText(cost), note: unitCostNote(cost) },
        {
          label: "Size",
          value: formatBytes(version.sizeBytes),
          note: trainedTo
            ? `trained on ${formatDay(trainedFrom)} to ${formatDay(trainedTo, { year: true })}`
            : "ONNX file",
        },
      ]}
    />
  );
}
