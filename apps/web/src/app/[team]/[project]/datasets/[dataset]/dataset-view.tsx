"use client";

import {
  Cell,
  CopyId,
  Facts,
  formatCount,
  formatDateTime,
  Grid,
  MISSING,
  Note,
  PageHead,
  Panel,
  PanelBody,
} from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/page/query-view";
import { toneOf } from "@/page/states";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { ContractTable } from "./contract-table";
import { ReportPanel } from "./report-panel";
import { type Version, VersionTable } from "./version-table";

/** A dataset: its versions, and the contract and validation of the one that the address names (else the newest). */
export function DatasetView({ dataset }: { dataset: string }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params } = useUrlState();
  const query = useQuery(trpc.dataset.get.queryOptions({ ...scope, dataset }));
  return (
    <QueryView query={query} what="dataset's versions">
      {(found) => {
        const wanted = Number(params.get("version"));
        const version = found.versions.find((one) => one.version === wanted) ?? found.versions[0];
        return (
          <>
            <PageHead
              title={found.name}
              meta={
                <>
                  {found.description ? <span>{found.description}</span> : null}
                  <CopyId value={found.id} />
                </>
              }
            />
            {version ? <Summary name={found.name} version={version} /> : null}
            <Panel title="Versions" note="newest first; choose one to read its contract and report">
              <VersionTable versions={found.versions} current={version?.version} />
            </Panel>
            {version ? (
              <Grid>
                <Cell span={8}>
                  <ContractTable version={version} />
                </Cell>
                <Cell span={4}>
                  <Origin version={version} />
                </Cell>
                <Cell span={12}>
                  <ReportPanel version={version} />
                </Cell>
              </Grid>
            ) : null}
          </>
        );
      }}
    </QueryView>
  );
}

/** One sentence: may it be used, and if not, why. */
function Summary({ name, version }: { name: string; version: Version }) {
  const checks = version.report?.checks ?? [];
  const failed = checks.filter((check) => !check.passed);
  const label = `${name} v${version.version}`;
  if (version.state === "validating") {
    return (
      <Note tone="running">
        <b>{label} is being validated.</b> Nothing reads it before every check has passed; this page changes by itself.
      </Note>
    );
  }
  if (version.state === "refused") {
    const first = failed[0];
    return (
      <Note tone={toneOf("refused")}>
        <b>
          {label} was refused: {formatCount(failed.length)} of {formatCount(checks.length)} checks failed.
        </b>{" "}
        {first ? `${first.column ?? "The table"}: ${first.message} ` : null}
        Mend the file, or send it with the unit it is in; training keeps to the newest accepted version.
      </Note>
    );
  }
  return (
    <Note tone="healthy">
      <b>
        {label} is accepted: {formatCount(checks.length)} of {formatCount(checks.length)} checks passed
      </b>{" "}
      over {formatCount(version.rows)} rows.
    </Note>
  );
}

function Origin({ version }: { version: Version }) {
  const units = Object.entries(version.declaredUnits);
  const zones = version.time ? new Set(Object.values(version.time.zones)).size : 0;
  return (
    <Panel title="Origin" note={`v${version.version}`}>
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Received", `${formatDateTime(version.createdAt)} UTC`],
            ["From", version.createdBy],
            ["Rows", formatCount(version.rows)],
            ["Event time", `${formatDateTime(version.from)} to ${formatDateTime(version.to)} UTC`],
            [
              "Units declared",
              units.length === 0 ? "none" : units.map(([column, unit]) => `${column}: ${unit}`).join(", "),
            ],
            [
              "Local time",
              version.time
                ? `${version.time.column} to UTC by ${version.time.zoneBy}: ${formatCount(Object.keys(version.time.zones).length)} places in ${formatCount(zones)} time zones`
                : "as received",
            ],
            ["File received", <Digest key="source" value={version.sourceDigest} />],
            ["Parquet read", version.digest ? <Digest key="digest" value={version.digest} /> : MISSING],
            ["Version id", <CopyId key="id" value={version.id} />],
          ]}
        />
      </PanelBody>
    </Panel>
  );
}

/** A SHA-256, shortened to what tells two apart; a click copies all of it. */
function Digest({ value }: { value: string }) {
  return <CopyId value={value}>sha256 {value.slice(0, 12)}…</CopyId>;
}
