"use client";

import { type DataColumn, formatCount, MISSING, Panel, PanelBody, SegmentedLinks, Status } from "@ballast/ui";
import { RecordTable } from "@/page/record-table";
import { useUrlState } from "@/page/use-url-state";
import type { Version } from "./version-table";

type Check = NonNullable<Version["report"]>["checks"][number];

const columns: DataColumn<Check>[] = [
  {
    id: "column",
    header: "Column",
    value: (row) => row.column ?? "",
    primary: true,
    cell: (row) => (row.column ? <code>{row.column}</code> : "the table"),
  },
  { id: "check", header: "Check", value: (row) => row.check },
  {
    id: "result",
    header: "Result",
    value: (row) => row.passed,
    cell: (row) => <Status tone={row.passed ? "healthy" : "breach"}>{row.passed ? "passed" : "failed"}</Status>,
  },
  {
    id: "message",
    header: "Measured, and allowed",
    value: (row) => row.message,
    sortable: false,
    wide: true,
  },
  {
    id: "rows",
    header: "Rows concerned",
    numeric: true,
    descendingFirst: true,
    value: (row) => row.failingRows,
    cell: (row) => formatCount(row.failingRows),
  },
];

/** What was checked, what was measured, and what was converted on the way in. */
export function ReportPanel({ version }: { version: Version }) {
  const { params, href } = useUrlState();
  const { report } = version;
  const failed = report?.checks.filter((check) => !check.passed) ?? [];
  const only = params.get("checks") === "failed" ? "failed" : "all";
  // What failed comes first: it is why one looks here.
  const shown = only === "failed" ? failed : [...failed, ...(report?.checks.filter((check) => check.passed) ?? [])];
  return (
    <Panel
      title="Validation"
      note={
        report
          ? `v${version.version}, ${formatCount(report.rows)} rows, ${formatCount(failed.length)} of ${formatCount(report.checks.length)} checks failed`
          : undefined
      }
      actions={
        report ? (
          <SegmentedLinks
            label="Checks shown"
            current={only}
            options={[
              { value: "all", label: `All ${report.checks.length}`, href: href({ checks: null }) },
              { value: "failed", label: `Failed ${failed.length}`, href: href({ checks: "failed" }) },
            ]}
          />
        ) : undefined
      }
    >
      {report ? (
        <>
          {report.notes.length > 0 ? (
            <PanelBody>
              <p className="font-medium">Done on the way in</p>
              <ul className="secondary grid gap-1">
                {report.notes.map((note) => (
                  <li key={note}>{note}</li>
                ))}
              </ul>
            </PanelBody>
          ) : null}
          <div className={report.notes.length > 0 ? "panel-rule" : undefined}>
            <RecordTable
              label="Checks"
              name="checks"
              columns={columns}
              rows={shown}
              rowId={(row) => `${row.column ?? ""} ${row.check}`}
              empty="No check failed."
            />
          </div>
        </>
      ) : (
        <PanelBody>
          <p className="secondary">{version.state === "validating" ? "Validation is under way." : MISSING}</p>
        </PanelBody>
      )}
    </Panel>
  );
}
