"use client";

import {
  CopyId,
  type DataColumn,
  DataTable,
  DecisionInputs,
  EmptyState,
  formatDateTime,
  formatExactTime,
  Panel,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { detailPairs } from "@/page/detail-pairs";
import type { Outputs } from "@/page/outputs";
import { Pager } from "@/page/pager";
import { QueryView } from "@/page/query-view";
import { SearchBox } from "@/page/search-box";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { auditQuery } from "./query";

type AuditEvent = Outputs["audit"]["list"]["events"][number];

const actorWords: Readonly<Record<string, string>> = { user: "person", token: "token", platform: "by rule" };

const columns: DataColumn<AuditEvent>[] = [
  {
    id: "at",
    header: "Time, UTC",
    sortable: false,
    value: (row) => row.at,
    cell: (row) => (
      <time dateTime={row.at.toISOString()} title={formatExactTime(row.at)} className="whitespace-nowrap">
        {formatDateTime(row.at)}
      </time>
    ),
  },
  {
    id: "action",
    header: "Action",
    sortable: false,
    primary: true,
    value: (row) => row.action,
    cell: (row) => <code>{row.action}</code>,
  },
  {
    id: "actor",
    header: "By",
    sortable: false,
    value: (row) => row.actorName,
    cell: (row) => (
      <span className="sm:whitespace-nowrap">
        {row.actorName} <small>{actorWords[row.actorType] ?? row.actorType}</small>
      </span>
    ),
  },
  {
    id: "subject",
    header: "Changed",
    sortable: false,
    value: (row) => row.subject,
    cell: (row) => <CopyId value={row.subject} />,
  },
  {
    id: "detail",
    header: "Detail",
    sortable: false,
    wide: true,
    value: () => null,
    cell: (row) => <Detail pairs={detailPairs(row.detail)} />,
  },
];

/** Pairs shown before the rest is folded: a rollout's decision brings dozens. */
const SHOWN_PAIRS = 6;

function Detail({ pairs }: { pairs: readonly [name: string, value: string][] }) {
  const rest = pairs.slice(SHOWN_PAIRS);
  return (
    <div className="[overflow-wrap:anywhere] sm:min-w-[280px]">
      <DecisionInputs inputs={pairs.slice(0, SHOWN_PAIRS)} />
      {rest.length > 0 ? (
        <details>
          <summary className="muted small">{rest.length} more</summary>
          <DecisionInputs inputs={rest} />
        </details>
      ) : null}
    </div>
  );
}

/** The project's audit events, newest first; search and page live in the URL. */
export function AuditLog() {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params } = useUrlState();
  const asked = auditQuery(new URLSearchParams(params.toString()));
  const query = useQuery(trpc.audit.list.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  const none = query.data?.events.length === 0 && !asked.search && !asked.before;
  return (
    <Panel>
      {none ? null : (
        <div className="filter-bar">
          <SearchBox
            label="Search the audit log by action, subject or name"
            placeholder="Search action, subject or name"
            resets={["before"]}
          />
        </div>
      )}
      <QueryView query={query} what="audit events" rows={12}>
        {({ events, next }) =>
          none ? (
            <EmptyState
              title="Nothing has been changed yet"
              explanation="Every change that a person, a token or the platform makes is written here, with what it was made of."
              steps={[]}
              waiting="Listening for the first change. This page changes by itself."
            />
          ) : (
            <>
              <DataTable
                label="Audit events, newest first"
                columns={columns}
                rows={events}
                rowId={(row) => row.id}
                empty={
                  asked.search ? `No event's action, subject or name contains “${asked.search}”.` : "No older events."
                }
              />
              <Pager shown={`${events.length} events`} next={next} />
            </>
          )
        }
      </QueryView>
    </Panel>
  );
}
