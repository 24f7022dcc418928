"use client";

import { Button, CopyId, Figures, formatCount, formatSampleSize, Link, PageHead, Panel, PanelBody } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMay } from "@/frame/may";
import { causeWords } from "@/page/cause-words";
import { MarkdownText } from "@/page/markdown-text";
import { metricWords } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { deploymentPath, modelPath, modelVersionPath } from "@/page/record-paths";
import { TagPanel } from "@/page/tag-panel";
import { type UnitCost, unitCostNote, unitCostText } from "@/page/unit-cost";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC, useTRPCClient } from "@/trpc/client";
import { AliasHistory } from "./alias-history";
import { ApprovalPanel } from "./approval-panel";
import { useComparedNumbers } from "./compare/use-compared-numbers";
import { ModelActs } from "./model-acts";
import { modelQuery } from "./query";
import { TrashedVersions } from "./trashed-versions";
import { ModelVersionTable } from "./version-table";

type ModelPage = Outputs["model"]["get"];

/** A model: who answers now and how good and dear that is, then every version. */
export function ModelView({ model }: { model: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params } = useUrlState();
  const asked = modelQuery(model, new URLSearchParams(params.toString()));
  const query = useQuery(trpc.model.get.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  const modelId = query.data?.model.id;
  const costs = useQuery(
    trpc.finops.unitCosts.queryOptions({ ...scope, modelId: modelId ?? "" }, { enabled: modelId !== undefined }),
  );
  return (
    <QueryView query={query} what="model's versions">
      {(found) => (
        <>
          <PageHead title={found.model.name} meta={<CopyId value={found.model.id} />}>
            <ModelActs page={found} />
          </PageHead>
          {found.model.description ? <MarkdownText text={found.model.description} /> : null}
          <Champion page={found} costs={costs.data ?? []} />
          <Panel
            title="Versions"
            note={
              found.versions.some(({ metrics }) => metrics.n !== undefined)
                ? "metrics are of rows held out from training, the newest of each version's own range"
                : "metrics are those logged with each version when it was registered"
            }
            actions={<CompareLink page={found} />}
          >
            <ModelVersionTable page={found} costs={costs.data ?? []} />
          </Panel>
          <ApprovalPanel modelId={found.model.id} />
          <AliasHistory model={found.model} />
          <ModelTags page={found} />
          <TrashedVersions modelId={found.model.id} />
        </>
      )}
    </QueryView>
  );
}

/** Opens the comparison of the versions that are ticked in the address. */
function CompareLink({ page }: { page: ModelPage }) {
  const { base } = useProject();
  const { numbers: chosen } = useComparedNumbers();
  const numbers = chosen.length > 0 ? chosen : page.versions.slice(0, 2).map(({ version }) => version);
  if (page.versions.length < 2) return null;
  return (
    <Button asChild size="small">
      <Link href={`${modelPath(base, page.model.name)}/compare?versions=${numbers.join(",")}`}>
        {chosen.length >= 2 ? `Compare ${chosen.length} versions` : "Compare versions"}
      </Link>
    </Button>
  );
}

function ModelTags({ page }: { page: ModelPage }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const may = useMay("model.write");
  const refresh = useRefresh();
  const { id, tags } = page.model;
  return (
    <TagPanel
      tags={tags}
      may={may}
      onSet={async (key, value) => {
        await client.model.tag.mutate({ ...scope, modelId: id, key, value });
        await refresh();
      }}
      onRemove={async (key) => {
        await client.model.untag.mutate({ ...scope, modelId: id, key });
        await refresh();
      }}
    />
  );
}

function Champion({ page, costs }: { page: ModelPage; costs: readonly UnitCost[] }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const deployments = useQuery(trpc.deployment.list.queryOptions(scope));
  const own = deployments.data?.filter((deployment) => deployment.model === page.model.name) ?? [];
  const champion = page.aliases.find(({ alias }) => alias === "champion");
  if (!champion) {
    return (
      <Panel>
        <PanelBody>
          <p>
            <b>No version answers yet.</b>{" "}
            <span className="secondary">
              {own.length === 0
                ? "No deployment serves this model; programs load its versions by number or alias."
                : "A version becomes champion when a rollout of it is promoted."}
            </span>
          </p>
          <DeploymentLinks deployments={own} base={base} />
        </PanelBody>
      </Panel>
    );
  }
  const version = page.versions.find(({ id }) => id === champion.versionId);
  const cost = costs.find(({ modelVersionId }) => modelVersionId === champion.versionId);
  const shown = ["auc", "brier", "rmse"].filter((name) => version?.metrics[name] !== undefined);
  return (
    <>
      <Figures
        items={[
          {
            label: "Champion",
            value: (
              <Link href={modelVersionPath(base, page.model.name, `v${champion.version}`)}>v{champion.version}</Link>
            ),
            note: version ? causeWords(version.cause) : `of ${formatCount(page.versions.length)} versions shown`,
          },
          ...shown.map((name) => ({
            label: metricWords(name).label,
            value: metricWords(name).text(version?.metrics[name]),
            note: `held out, ${formatSampleSize(version?.metrics.n)}`,
          })),
          { label: "Cost per 1,000 predictions", value: unitCostText(cost), note: unitCostNote(cost) },
          {
            label: "Predictions answered",
            value: formatCount(cost?.predictions ?? 0),
            note: `by v${champion.version}, since it was first routed to`,
          },
        ]}
      />
      <DeploymentLinks deployments={own} base={base} />
    </>
  );
}

function DeploymentLinks({ deployments, base }: { deployments: Outputs["deployment"]["list"]; base: string }) {
  if (deployments.length === 0) return null;
  return (
    <p className="secondary">
      Served by{" "}
      {deployments.map((deployment, index) => (
        <span key={deployment.id}>
          {index > 0 ? ", " : null}
          <Link className="underline" href={deploymentPath(base, deployment.name)}>
            {deployment.name}
          </Link>
        </span>
      ))}
      {deployments.some((deployment) => deployment.rollout) ? <>; a rollout is under way</> : null}.
    </p>
  );
}
