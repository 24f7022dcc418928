"use client";

import {
  CopyId,
  type DataColumn,
  DataTable,
  formatCount,
  Link,
  MISSING,
  PageHead,
  Panel,
  PanelBody,
  RelativeTime,
  Tag,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { featuresInWords, viewInWords } from "@/page/feature-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { useAllVersions } from "@/page/use-all-versions";
import { useProject } from "@/page/use-project";
import { type UrlChanges, useUrlState } from "@/page/use-url-state";
import { usersOfView } from "@/page/version-uses";
import { useTRPC } from "@/trpc/client";
import { featureColumns } from "../feature-list";

type ViewVersion = Outputs["feature"]["get"][number];

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
                <DataTable
                  label="Features"
                  columns={featureColumns}
                  rows={featuresInWords(shown.definition)}
                  rowId={(row) => row.name}
                />
              </div>
            </Panel>
            <UsedBy name={name} />
            <Panel title="Versions" note="newest first; the newest is what the gateway computes">
              <DataTable
                label="Versions"
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

function UsedBy({ name }: { name: string }) {
  const { base } = useProject();
  const versions = useAllVersions();
  const users = usersOfView(versions.data ?? [], name);
  const columns: DataColumn<(typeof users)[number]>[] = [
    {
      id: "version",
      header: "Model version",
      value: (row) => `${row.model} ${row.row.version}`,
      primary: true,
      cell: ({ model, row }) => (
        <Link className="row-link" href={`${base}/models/${encodeURIComponent(model)}/v${row.version}`}>
          {model} v{row.version}
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
    {
      id: "at",
      header: "Registered",
      value: (row) => row.row.createdAt,
      cell: ({ row }) => <RelativeTime at={row.createdAt} />,
    },
  ];
  return (
    <Panel title="Used by" note="model versions whose inputs this view feeds">
      <QueryView query={versions} what="model versions" rows={2}>
        {() => (
          <DataTable
            label="Model versions that use this view"
            columns={columns}
            rows={users}
            rowId={(row) => row.row.id}
            empty="No registered model version reads this view yet."
          />
        )}
      </QueryView>
    </Panel>
  );
}
