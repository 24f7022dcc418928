"use client";

import { Note, PageHead, Panel, SegmentedLinks } from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { QueryView } from "@/page/query-view";
import { SearchBox } from "@/page/search-box";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { TRASH_KINDS, trashQuery } from "./query";
import { ReportPanel } from "./report-panel";
import { RulePanel } from "./rule-panel";
import { KIND_WORDS, TrashTable } from "./trash-table";

export interface MayRestore {
  tracked: boolean;
  registered: boolean;
}

/** What was deleted and can come back, how long it stays, and what cleaning up freed. */
export function TrashPage({ mayRestore, mayPurge }: { mayRestore: MayRestore; mayPurge: boolean }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { params, href } = useUrlState();
  const asked = trashQuery(new URLSearchParams(params.toString()));
  const query = useQuery(trpc.trash.list.queryOptions({ ...scope, ...asked }, { placeholderData: keepPreviousData }));
  return (
    <>
      <PageHead title="Trash" meta="What was deleted comes back from here until it is deleted for good" />
      {mayPurge ? null : <Note tone="info">Your role may look here; deleting for good is for administrators.</Note>}
      <Panel>
        <div className="filter-bar">
          <SearchBox label="Search the trash by name or id" placeholder="Search the trash" />
          <span className="end">
            <SegmentedLinks
              label="Kinds shown"
              current={asked.kinds?.[0] ?? "all"}
              options={[
                { value: "all", label: "All", href: href({ kind: null }) },
                ...TRASH_KINDS.map((one) => ({ value: one, label: KIND_WORDS[one].many, href: href({ kind: one }) })),
              ]}
            />
          </span>
        </div>
        <QueryView query={query} what="deleted things">
          {({ items, next }) => (
            <>
              <TrashTable items={items} part={next !== null} mayRestore={mayRestore} mayPurge={mayPurge} />
              {next ? (
                <p className="panel-rule muted small px-4 py-2">The newest {items.length}; search for older.</p>
              ) : null}
            </>
          )}
        </QueryView>
      </Panel>
      <RulePanel mayWrite={mayPurge} />
      <ReportPanel mayRun={mayPurge} />
    </>
  );
}
