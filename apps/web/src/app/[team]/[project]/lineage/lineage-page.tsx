"use client";

import { Button, EmptyState, LineageGraph, Link, Note, PageHead, Panel, SegmentedLinks } from "@ballast/ui";
import { keepPreviousData, skipToken, useQuery } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import {
  datasetPath,
  deploymentPath,
  featureViewPath,
  lineagePath,
  modelVersionPath,
  runPath,
} from "@/page/record-paths";
import { toneOf } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { lineageQuery } from "./query";

type Node = Outputs["model"]["graph"]["nodes"][number];

/** The page of a thing itself; a thing without one leads to its own lineage. */
function pageOf(base: string, node: Node): string | undefined {
  if (node.kind === "run") return runPath(base, node.id);
  if (node.kind === "deployment") return deploymentPath(base, node.label);
  if (node.kind === "model_version" && node.name) return modelVersionPath(base, node.name, `v${node.number}`);
  if (node.kind === "dataset_version" && node.name) return datasetPath(base, node.name);
  if (node.kind === "feature_view" && node.name) return featureViewPath(base, node.name);
  return undefined;
}

const card = (base: string) => (node: Node) => ({
  id: node.key,
  kind: node.kind.replaceAll("_", " "),
  title: node.label,
  detail: node.detail ?? undefined,
  href: node.current || node.kind === "predictions" || node.kind === "cost" ? undefined : lineagePath(base, node),
  tone: node.kind === "run" && node.detail ? toneOf(node.detail.split(",")[0] ?? "") : undefined,
  current: node.current,
});

/** Where a thing comes from and where it goes, to predictions and cost. A click stands on the next thing. */
export function LineagePage() {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params, href } = useUrlState();
  const asked = lineageQuery(params);
  const query = useQuery(
    trpc.model.graph.queryOptions(asked ? { ...scope, ...asked } : skipToken, { placeholderData: keepPreviousData }),
  );
  if (!asked) return <NothingAsked />;
  const current = query.data?.nodes.find((node) => node.current);
  const page = current ? pageOf(base, current) : undefined;
  return (
    <>
      <PageHead title={current ? `Lineage of ${current.label}` : "Lineage"} meta={current?.kind.replaceAll("_", " ")}>
        {page ? (
          <Button asChild>
            <Link href={page}>Open {current?.label}</Link>
          </Button>
        ) : null}
      </PageHead>
      <Panel>
        <div className="filter-bar">
          <SegmentedLinks
            label="Direction"
            current={asked.direction}
            options={[
              { value: "both", label: "Both ways", href: href({ direction: null }) },
              { value: "upstream", label: "Where it comes from", href: href({ direction: "upstream" }) },
              { value: "downstream", label: "Where it goes", href: href({ direction: "downstream" }) },
            ]}
          />
        </div>
        <QueryView query={query} what="lineage" rows={6}>
          {({ nodes, edges, truncated }) => (
            <>
              {truncated ? (
                <Note tone="warning">More lies beyond what is drawn. Stand on an outer thing to go on.</Note>
              ) : null}
              <LineageGraph
                label={`${nodes.map(({ label }) => label).join(", ")}: from data to predictions and cost`}
                nodes={nodes.map(card(base))}
                edges={edges}
              />
            </>
          )}
        </QueryView>
      </Panel>
    </>
  );
}

function NothingAsked() {
  const { base } = useProject();
  return (
    <>
      <PageHead title="Lineage" />
      <Panel>
        <EmptyState
          title="Stand on something"
          explanation={
            <>
              Lineage is drawn around one thing: a dataset version, a run, a model version, a deployment. Open one, for
              example in <Link href={`${base}/models`}>models</Link> or <Link href={`${base}/runs`}>runs</Link>, and
              follow its lineage.
            </>
          }
          steps={[{ title: "Or name it in the address", code: `${base}/lineage?kind=run&id=run_…` }]}
        />
      </Panel>
    </>
  );
}
