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
import { useMay } from "@/frame/may";
import { AliasChip } from "@/page/alias-chip";
import { causeWords } from "@/page/cause-words";
import { metricWords } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { TagPanel } from "@/page/tag-panel";
import { unitCostNote, unitCostText } from "@/page/unit-cost";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC, useTRPCClient } from "@/trpc/client";
import { ApprovalPanel } from "../approval-panel";
import { ExamplePanel } from "./example-panel";
import { LineagePanel } from "./lineage-panel";
import { ProvenancePanel } from "./provenance-panel";
import { RolloutPanel } from "./rollout-panel";
import { VersionActs } from "./version-acts";
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
              <ApprovalPanel modelId={page.model.id} versionId={page.version.id} />
            </Cell>
            <Cell span={12}>
              <RolloutPanel page={page} />
            </Cell>
            <Cell span={12}>
              <ProvenancePanel versionId={versionId} />
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
            <Cell span={8}>
              <ExamplePanel versionId={versionId} />
            </Cell>
            <Cell span={4}>
              <VersionTags page={page} />
            </Cell>
          </Grid>
        </>
      )}
    </QueryView>
  );
}

function VersionTags({ page }: { page: VersionPage }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const may = useMay("model.write");
  const refresh = useRefresh();
  const { id, tags } = page.version;
  return (
    <TagPanel
      tags={tags}
      may={may}
      onSet={async (key, value) => {
        await client.model.tagVersion.mutate({ ...scope, versionId: id, key, value });
        await refresh();
      }}
      onRemove={async (key) => {
        await client.model.untagVersion.mutate({ ...scope, versionId: id, key });
        await refresh();
      }}
    />
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
          {version.stage === "None" ? null : <span className="tag">{version.stage}</span>}
          <CopyId value={version.id} />
        </>
      }
    >
      <VersionActs page={page} />
    </PageHead>
  );
}

/** May it serve: what the gates said. */
function GateVerdict({ page }: { page: VersionPage }) {
  const { gates, deployments, version } = page;
  const failed = gates.filter((gate) => !gate.passed);
  const serving = deployments.filter(({ role }) => role !== "shadow").map(({ name }) => name);
  if (version.serving === null) {
    return (
      <Note tone="idle">
        <b>Registered from files; it cannot be deployed.</b>{" "}
        {version.digest === null
          ? "There is no ONNX model among them. Programs load it by its name and version."
          : "There is an ONNX model among them, but nothing says yet which features feed its inputs (model.bind)."}
      </Note>
    );
  }
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
          note:
            version.digest === null
              ? "no ONNX file"
              : trainedTo
                ? `trained on ${formatDay(trainedFrom)} to ${formatDay(trainedTo, { year: true })}`
                : "ONNX file",
        },
      ]}
    />
  );
}
