"use client";

import {
  type DataColumn,
  formatBytes,
  formatDateTime,
  Link,
  MISSING,
  Note,
  PageHead,
  Panel,
  PanelBody,
  RelativeTime,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { AliasChip } from "@/page/alias-chip";
import { bestOf, metricWords, orderMetrics, plainNumber } from "@/page/metric-words";
import type { Outputs } from "@/page/outputs";
import { QueryView } from "@/page/query-view";
import { modelVersionPath } from "@/page/record-paths";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { MOST_VERSIONS } from "../query";
import { useComparedNumbers } from "./use-compared-numbers";

type Comparison = Outputs["model"]["compare"];
type Row = Comparison["rows"][number];

const TITLES: Record<Row["section"], string> = {
  parameters: "Parameters",
  metrics: "Metrics at registration",
  signature: "Signature",
  serving: "Serving",
  lineage: "Where they come from",
  files: "Files",
  tags: "Tags",
};

/** Two or more versions side by side: only what differs. Which ones lives in the address. */
export function CompareView({ model }: { model: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { numbers, toggle } = useComparedNumbers();
  const page = useQuery(trpc.model.get.queryOptions({ ...scope, model, limit: MOST_VERSIONS }));
  const chosen = page.data?.versions.filter(({ version }) => numbers.includes(version)) ?? [];
  const versionIds = chosen.map(({ id }) => id);
  const query = useQuery(
    trpc.model.compare.queryOptions(
      { ...scope, versionIds },
      { enabled: versionIds.length >= 2, placeholderData: keepPreviousData },
    ),
  );
  return (
    <>
      <PageHead title={`Compare versions of ${model}`} meta={<span>only what differs</span>} />
      <Panel title="Versions">
        <PanelBody>
          <fieldset className="row flex-wrap">
            <legend className="visually-hidden">Versions to compare</legend>
            {page.data?.versions.map(({ id, version }) => (
              <label key={id} className="row">
                <input type="checkbox" checked={numbers.includes(version)} onChange={() => toggle(version)} />v{version}
              </label>
            ))}
          </fieldset>
        </PanelBody>
      </Panel>
      {versionIds.length < 2 ? (
        <Note tone="idle">Choose two versions or more.</Note>
      ) : (
        <QueryView query={query} what="comparison">
          {(comparison) => <Sections comparison={comparison} />}
        </QueryView>
      )}
    </>
  );
}

function Sections({ comparison }: { comparison: Comparison }) {
  const { base } = useProject();
  const { rows, versions, same } = comparison;
  const sections = (Object.keys(TITLES) as Row["section"][]).map((section) => ({
    section,
    own: rows.filter((row) => row.section === section),
  }));
  const alike = sections.filter(({ own }) => own.length === 0).map(({ section }) => TITLES[section].toLowerCase());
  return (
    <>
      <Panel title="Compared">
        <RecordTable
          label="Compared versions"
          name="versions"
          rows={versions}
          rowId={(row) => row.id}
          columns={[
            {
              id: "version",
              header: "Version",
              primary: true,
              value: (row) => row.version,
              cell: (row) => <Link href={modelVersionPath(base, row.model, `v${row.version}`)}>v{row.version}</Link>,
            },
            {
              id: "aliases",
              header: "Aliases",
              value: (row) => row.aliases.join(", "),
              cell: (row) =>
                row.aliases.length === 0
                  ? MISSING
                  : row.aliases.map((alias) => <AliasChip key={alias} alias={alias} />),
            },
            { id: "stage", header: "Stage", value: (row) => (row.stage === "None" ? null : row.stage) },
            { id: "by", header: "Registered by", value: (row) => row.createdBy },
            {
              id: "at",
              header: "Registered",
              value: (row) => row.createdAt,
              cell: (row) => <RelativeTime at={row.createdAt} />,
            },
          ]}
        />
      </Panel>
      {sections.map(({ section, own }) =>
        own.length === 0 ? null : (
          <Panel
            key={section}
            title={TITLES[section]}
            note={same[section] > 0 ? `${same[section]} more are the same in all` : undefined}
          >
            <RecordTable
              label={`${TITLES[section]} that differ`}
              name={section}
              columns={columnsFor(section, versions)}
              rows={inOrder(section, own)}
              rowId={(row) => row.key}
            />
          </Panel>
        ),
      )}
      {alike.length > 0 ? <p className="secondary">No difference in {alike.join(", ")}.</p> : null}
    </>
  );
}

function inOrder(section: Row["section"], rows: Row[]): Row[] {
  if (section !== "metrics") return rows;
  const order = orderMetrics(rows.map((row) => row.key));
  return [...rows].sort((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}

function columnsFor(section: Row["section"], versions: Comparison["versions"]): DataColumn<Row>[] {
  return [
    {
      id: "key",
      header: section === "metrics" ? "Metric" : "What",
      primary: true,
      value: (row) => row.key,
      cell: (row) => (section === "metrics" ? metricWords(row.key).label : row.key),
    },
    ...versions.map(
      (version, i): DataColumn<Row> => ({
        id: version.id,
        header: `v${version.version}`,
        numeric: section === "metrics",
        sortable: false,
        value: (row) => row.values[i],
        cell: (row) => <Value section={section} row={row} value={row.values[i] ?? null} />,
      }),
    ),
  ];
}

function Value({ section, row, value }: { section: Row["section"]; row: Row; value: string | number | null }) {
  if (value === null) return MISSING;
  if (section === "metrics") {
    const numbers = row.values.map((one) => (typeof one === "number" ? one : undefined));
    const text = metricWords(row.key).text(Number(value));
    return bestOf(row.key, numbers) === value ? <b>{text} •</b> : text;
  }
  if (row.key === "bytes") return formatBytes(Number(value));
  if (row.key === "ONNX file") return <code>{String(value).slice(0, 12)}…</code>;
  if (row.key === "trained from" || row.key === "trained to") return `${formatDateTime(String(value))} UTC`;
  return typeof value === "number" ? plainNumber(value) : <span className="break-words">{value}</span>;
}
