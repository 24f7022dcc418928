"use client";

import { Facts, formatDateTime, formatExactTime, Link, MISSING, Panel, PanelBody, RelativeTime } from "@ballast/ui";
import { jobPath } from "@/page/record-paths";
import { useProject } from "@/page/use-project";
import type { RunRecord } from "../tracking";

/** When, by whom and from which code it was run. */
export function OriginPanel({ run }: { run: RunRecord }) {
  const { base } = useProject();
  const { job } = run.tags;
  const code = run.codeVersion || run.tags["mlflow.source.git.commit"];
  return (
    <Panel title="Origin">
      <PanelBody>
        <Facts
          small
          align="left"
          rows={[
            ["Started", <RelativeTime key="started" at={run.startedAt} />],
            [
              "Ended",
              run.endedAt ? (
                <span key="ended" title={formatExactTime(run.endedAt)}>
                  {formatDateTime(run.endedAt)} UTC
                </span>
              ) : (
                MISSING
              ),
            ],
            ["By", run.tags["mlflow.user"] ?? run.createdBy],
            ...(run.eventTime ? [["Event time", `${formatDateTime(run.eventTime)} UTC`] as const] : []),
            [
              "Code version",
              code ? (
                <code key="code" className="break-all">
                  {code}
                </code>
              ) : (
                MISSING
              ),
            ],
            ...(run.tags["mlflow.source.name"]
              ? [
                  [
                    "Source",
                    <code key="source" className="break-all">
                      {run.tags["mlflow.source.name"]}
                    </code>,
                  ] as const,
                ]
              : []),
            ...(run.tags["mlflow.source.git.branch"]
              ? [["Branch", <code key="branch">{run.tags["mlflow.source.git.branch"]}</code>] as const]
              : []),
            ...(job
              ? [
                  [
                    "Training",
                    <Link key="job" href={jobPath(base, job)}>
                      {job}
                    </Link>,
                  ] as const,
                ]
              : []),
          ]}
        />
      </PanelBody>
    </Panel>
  );
}
