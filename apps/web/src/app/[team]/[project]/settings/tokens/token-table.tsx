"use client";

import {
  actColumn,
  Button,
  ConfirmDialog,
  type DataColumn,
  EmptyState,
  formatCount,
  formatDateTime,
  formatDay,
  RelativeTime,
  Status,
  useToast,
} from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import type { CommandPlace } from "@/page/commands";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import type { MadeToken } from "./create-token";
import { RotateToken } from "./rotate-token";

export type Token = Outputs["token"]["list"][number];

/** What a token is worth at `now`. One of a disabled service account is good again once that is enabled. */
export function tokenState(
  token: Pick<Token, "revokedAt" | "expiresAt" | "disabledAt">,
  now: number,
): "active" | "expired" | "revoked" | "disabled" {
  if (token.revokedAt) return "revoked";
  if (token.expiresAt && token.expiresAt.getTime() <= now) return "expired";
  return token.disabledAt ? "disabled" : "active";
}

interface TableProps {
  tokens: readonly Token[];
  now: number;
  mayWrite: boolean;
  refresh: () => Promise<void>;
  onMade: (made: MadeToken) => void;
  empty: string;
}

export function TokenTable({ tokens, now, mayWrite, refresh, onMade, empty }: TableProps) {
  const columns: DataColumn<Token>[] = [
    {
      id: "name",
      header: "Token",
      value: (row) => row.name,
      primary: true,
      cell: (row) => (
        <>
          <b>{row.name}</b> <code className="muted">{row.prefix}…</code>
          {row.serviceAccount ? <small> acts as {row.serviceAccount}</small> : null}
        </>
      ),
    },
    {
      id: "state",
      header: "State",
      value: (row) => tokenState(row, now),
      cell: (row) => <TokenStatus token={row} now={now} />,
    },
    {
      id: "permissions",
      header: "Permissions",
      wide: true,
      value: (row) => row.permissions.length,
      cell: (row) => <Permissions permissions={row.permissions} />,
    },
    {
      id: "used",
      header: "Last used",
      descendingFirst: true,
      value: (row) => row.lastUsedAt,
      cell: (row) => (row.lastUsedAt ? <RelativeTime at={row.lastUsedAt} /> : "never"),
    },
    {
      id: "expires",
      header: "Expires",
      value: (row) => row.expiresAt,
      cell: (row) => (row.expiresAt ? formatDay(row.expiresAt, { year: true }) : "never"),
    },
    {
      id: "made",
      header: "Made",
      descendingFirst: true,
      value: (row) => row.createdAt,
      cell: (row) => (
        <>
          <RelativeTime at={row.createdAt} /> <small>by {row.createdBy}</small>
        </>
      ),
    },
  ];
  if (mayWrite) {
    columns.push(
      actColumn("Act", (row) =>
        ["active", "disabled"].includes(tokenState(row, now)) ? (
          <span className="row">
            <RotateToken token={row} refresh={refresh} onMade={onMade} />
            <Revoke token={row} refresh={refresh} />
          </span>
        ) : null,
      ),
    );
  }
  return <RecordTable label="Tokens" columns={columns} rows={tokens} rowId={(row) => row.id} empty={empty} />;
}

function TokenStatus({ token, now }: { token: Token; now: number }) {
  const state = tokenState(token, now);
  if (state === "active") return <Status tone="healthy">active</Status>;
  if (state === "disabled") return <Status tone="warning">{token.serviceAccount} is disabled</Status>;
  const at = state === "revoked" ? token.revokedAt : token.expiresAt;
  return (
    <Status tone="idle">
      {state} {formatDateTime(at)}
    </Status>
  );
}

const SHOWN = 3;

function Permissions({ permissions }: { permissions: readonly string[] }) {
  if (permissions.length <= SHOWN) return <code>{permissions.join(", ")}</code>;
  return (
    <details>
      <summary>{formatCount(permissions.length)} permissions</summary>
      <code>{permissions.join(", ")}</code>
    </details>
  );
}

function Revoke({ token, refresh }: { token: Token; refresh: () => Promise<void> }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const revoke = useMutation(trpc.token.revoke.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" variant="danger" aria-label={`Revoke ${token.name}…`}>
          Revoke…
        </Button>
      }
      title={`Revoke ${token.name}`}
      effects={[
        "Web calls with it are refused at once; gateways drop it as soon as they hear of it.",
        token.lastUsedAt ? (
          <>
            Last used <RelativeTime at={token.lastUsedAt} />: whatever holds it stops working.
          </>
        ) : (
          "It was never used."
        ),
      ]}
      undo="This cannot be undone; a new token can be made."
      confirmLabel="Revoke token"
      danger
      typeToConfirm={token.name}
      onConfirm={async () => {
        await revoke.mutateAsync({ ...scope, id: token.id });
        await refresh();
        show({ text: `Token ${token.name} is revoked` });
        return undefined;
      }}
    />
  );
}

export function NoTokens({ place }: { place: CommandPlace }) {
  return (
    <EmptyState
      title="Make the first token"
      explanation="A token lets a program in, with the permissions you choose and nothing more. Its text is shown once; only a hash is kept."
      steps={[
        {
          title: "Make one with New token, then hand it to the program",
          code: "$ export BALLAST_TOKEN=blst_…",
        },
        {
          title: "See that the gateway knows it",
          code: `$ curl -H "Authorization: Bearer $BALLAST_TOKEN" ${place.gateway}/v2/models/MODEL`,
          help: "MODEL is the name of a deployment. The token needs prediction.create.",
        },
      ]}
    />
  );
}
