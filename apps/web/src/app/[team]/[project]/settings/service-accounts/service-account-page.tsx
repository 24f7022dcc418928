"use client";

import type { Permission } from "@ballast/core";
import { EmptyState, Note, PageHead, Panel } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/page/query-view";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC } from "@/trpc/client";
import { AccountForm } from "./account-form";
import { AccountTable } from "./account-table";

export interface Rights {
  /** What the signed-in person may give away. */
  grantable: readonly Permission[];
  mayManage: boolean;
  mayDisable: boolean;
}

/** Programs that act under their own name: what they may do at most, their tokens, when they were last here. */
export function ServiceAccountPage(rights: Rights) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const refresh = useRefresh();
  const query = useQuery(trpc.serviceAccount.list.queryOptions(scope));
  return (
    <>
      <PageHead title="Service accounts" meta="Programs that act under a name of their own">
        {rights.mayManage ? <AccountForm grantable={rights.grantable} refresh={refresh} /> : null}
      </PageHead>
      {rights.mayManage ? null : (
        <Note tone="info">
          Admins make service accounts. {rights.mayDisable ? "You may give them tokens and disable them." : ""}
        </Note>
      )}
      <Panel>
        <QueryView query={query} what="service accounts">
          {(accounts) =>
            accounts.length === 0 ? (
              <NoAccounts />
            ) : (
              <AccountTable accounts={accounts} rights={rights} refresh={refresh} />
            )
          }
        </QueryView>
      </Panel>
    </>
  );
}

function NoAccounts() {
  return (
    <EmptyState
      title="Give a program a name of its own"
      explanation="A service account stays when people leave. The audit log names it, its tokens never do more than it may, and disabling it refuses all of them at once."
      steps={[
        {
          title:
            "Make one with New service account, and a token that acts as it under Tokens; then hand that to the program",
          code: "$ export BALLAST_TOKEN=blst_…",
        },
      ]}
    />
  );
}
