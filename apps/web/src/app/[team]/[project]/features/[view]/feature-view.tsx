"use client";

import {
  CopyId,
  type DataColumn,
  formatCount,
  Link,
  MISSING,
  PageHead,
  Panel,
  PanelBody,
  RelativeTime,
  Tag,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { featuresInWords, viewInWords } from "@/page/feature-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { type UrlChanges, useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { featureColumns } from "../feature-list";
import { usesQuery } from "../query";

type ViewVersion = Outputs["feature"]["get"][number];
type Use = Outputs["feature"]["uses"]["uses"][number];

/** A feature view: the definition that the address names (else the newest), all versions, and who uses it. */
export function FeatureViewPage({ name }: { name: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params, href } = useUrlState();
  const query = useQuery(trpc.feature.get.queryOptions({ ...scope, name }));
  return (
    <QueryView query={query} what="versions of this view">
      {(versions) => {
        const wanted = Number(params.get("version"));
        const shown = versions.find((one) => one.version === wanted) ?? versions[0];
        if (!shown) return null;
        return (
          <>
            <PageHead
              title={name}
              meta={
                <>
                  <Tag>v{shown.version}</Tag>
                  <CopyId value={shown.id} />
                </>
              }
            />
            <Panel title="Definition" note={`v${shown.version}${shown === versions[0] ? ", serving" : ""}`}>
              <PanelBody>
                {shown.definition.description ? <p>{shown.definition.description}</p> : null}
                <p className="secondary">{viewInWords(shown.definition)}</p>
              </PanelBody>
              <div className="panel-rule">
                <RecordTable
                  label="Features"
                  name="features"
                  columns={featureColumns}
                  rows={featuresInWords(shown.definition)}
                  rowId={(row) => row.name}
                />
              </div>
            </Panel>
            <UsedBy name={name} />
            <Panel title="Versions" note="newest first; the newest is what the gateway computes">
              <RecordTable
                label="Versions"
                name="versions"
                columns={versionColumns(href)}
                rows={versions}
                rowId={(row) => row.id}
                selected={(row) => row === shown}
              />
            </Panel>
          </>
        );
      }}
    </QueryView>
  );
}

const versionColumns = (href: (changes: UrlChanges) => string): DataColumn<ViewVersion>[] => [
  {
    id: "version",
    header: "Version",
    value: (row) => row.version,
    primary: true,
    cell: (row) => (
      <Link className="row-link" href={href({ version: String(row.version) })}>
        v{row.version}
      </Link>
    ),
  },
  {
    id: "features",
    header: "Features",
    wide: true,
    value: (row) => row.definition.features.length,
    cell: (row) =>
      `${formatCount(row.definition.features.length)}: ${row.definition.features.map((feature) => feature.name).join(", ")}`,
  },
  { id: "by", header: "Defined by", value: (row) => row.createdBy },
  { id: "at", header: "Defined", value: (row) => row.createdAt, cell: (row) => <RelativeTime at={row.createdAt} /> },
];

const usesColumns = (base: string): DataColumn<Use>[] => [
  {
    id: "version",
    header: "Model version",
    value: (row) => `${row.model} ${row.version}`,
    primary: true,
    cell: (row) => (
      <Link className="row-link" href={modelVersionPath(base, row.model, `v${row.version}`)}>
        {row.model} v{row.version}
      </Link>
    ),
  },
  {
    id: "view",
    header: "View version",
    value: (row) => row.viewVersion,
    cell: (row) => (row.viewVersion === null ? MISSING : `v${row.viewVersion}`),
  },
  {
    id: "features",
    header: "Features read",
    wide: true,
    value: (row) => row.features.length,
    cell: (row) => (
      <>
        {formatCount(row.features.length)}: <code>{row.features.join(", ")}</code>
      </>
    ),
  },
  { id: "at", header: "Registered", value: (row) => row.createdAt, cell: (row) => <RelativeTime at={row.createdAt} /> },
];

function UsedBy({ name }: { name: string }) {
  const trpc = useTRPC();
  const { scope, base } = useProject();
  const { params } = useUrlState();
  const asked = usesQuery(params);
  const query = useQuery(
    trpc.feature.uses.queryOptions({ ...scope, name, ...asked }, { placeholderData: keepPreviousData }),
  );
  return (
    <Panel title="Used by" note="model versions whose inputs this view feeds">
      <QueryView query={query} what="model versions" rows={2}>
        {({ uses, next }) => (
          <>
            <RecordTable
              label="Model versions that use this view"
              name="uses"
              columns={usesColumns(base)}
              rows={uses}
              rowId={(row) => row.versionId}
              empty={asked.before ? "No older versions." : "No registered model version reads this view yet."}
              pages={{ shown: `${uses.length} versions`, next }}
            />
          </>
        )}
      </QueryView>
    </Panel>
  );
}
