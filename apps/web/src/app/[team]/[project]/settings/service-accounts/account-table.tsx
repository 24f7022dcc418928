"use client";

import {
  actColumn,
  Button,
  ConfirmDialog,
  type DataColumn,
  formatCount,
  formatDateTime,
  RelativeTime,
  Status,
  useToast,
} from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { AccountForm } from "./account-form";
import type { Rights } from "./service-account-page";

type Account = Outputs["serviceAccount"]["list"][number];

export function AccountTable({
  accounts,
  rights,
  refresh,
}: {
  accounts: readonly Account[];
  rights: Rights;
  refresh: () => Promise<void>;
}) {
  const columns: DataColumn<Account>[] = [
    {
      id: "name",
      header: "Service account",
      value: (row) => row.name,
      primary: true,
      cell: (row) => (
        <>
          <b>{row.name}</b> {row.description ? <small>{row.description}</small> : null}
        </>
      ),
    },
    {
      id: "state",
      header: "State",
      value: (row) => row.disabledAt,
      cell: (row) =>
        row.disabledAt ? (
          <Status tone="idle">disabled {formatDateTime(row.disabledAt)}</Status>
        ) : (
          <Status tone="healthy">enabled</Status>
        ),
    },
    {
      id: "where",
      header: "Where",
      value: (row) => (row.teamWide ? 1 : 0),
      cell: (row) => (row.teamWide ? "all projects" : "this project"),
    },
    {
      id: "permissions",
      header: "Permissions",
      wide: true,
      value: (row) => row.permissions.length,
      cell: (row) => (
        <details>
          <summary>{formatCount(row.permissions.length)} permissions</summary>
          <code>{row.permissions.join(", ")}</code>
        </details>
      ),
    },
    {
      id: "tokens",
      header: "Tokens here",
      numeric: true,
      descendingFirst: true,
      value: (row) => row.tokens,
      cell: (row) => formatCount(row.tokens),
    },
    {
      id: "used",
      header: "Last used here",
      descendingFirst: true,
      value: (row) => row.lastUsedAt,
      cell: (row) => (row.lastUsedAt ? <RelativeTime at={row.lastUsedAt} /> : "never"),
    },
  ];
  if (rights.mayDisable) {
    columns.push(
      actColumn("Act", (row) => (
        <span className="row">
          {rights.mayManage ? <AccountForm account={row} grantable={rights.grantable} refresh={refresh} /> : null}
          {row.disabledAt ? (
            rights.mayManage && <Enable account={row} refresh={refresh} />
          ) : (
            <Disable account={row} refresh={refresh} />
          )}
        </span>
      )),
    );
  }
  return (
    <RecordTable
      label="Service accounts"
      columns={columns}
      rows={accounts}
      rowId={(row) => row.id}
      empty="No service account."
    />
  );
}

interface ActProps {
  account: Account;
  refresh: () => Promise<void>;
}

function Disable({ account, refresh }: ActProps) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const disable = useMutation(trpc.serviceAccount.disable.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" variant="danger" aria-label={`Disable ${account.name}…`}>
          Disable…
        </Button>
      }
      title={`Disable ${account.name}`}
      effects={[
        account.teamWide
          ? `${formatCount(account.tokens)} tokens here, and those in the team's other projects, are refused.`
          : `${formatCount(account.tokens)} tokens are refused.`,
        "Web calls with them are refused at once, gateways within 5 s.",
      ]}
      undo="An admin can enable it again; its tokens are then good as before."
      confirmLabel="Disable account"
      danger
      onConfirm={async () => {
        await disable.mutateAsync({ ...scope, id: account.id });
        await refresh();
        show({ text: `${account.name} is disabled` });
        return undefined;
      }}
    />
  );
}

function Enable({ account, refresh }: ActProps) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const enable = useMutation(trpc.serviceAccount.enable.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" aria-label={`Enable ${account.name}…`}>
          Enable…
        </Button>
      }
      title={`Enable ${account.name}`}
      effects={["Its tokens that were neither revoked nor expired meanwhile are good again."]}
      undo="It can be disabled again."
      confirmLabel="Enable account"
      onConfirm={async () => {
        await enable.mutateAsync({ ...scope, id: account.id });
        await refresh();
        show({ text: `${account.name} is enabled` });
        return undefined;
      }}
    />
  );
}
