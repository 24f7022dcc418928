"use client";

import type { Role } from "@ballast/core";
import { actColumn, Button, ConfirmDialog, type DataColumn, formatCount, RelativeTime, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import type { Outputs } from "@/page/outputs";
import { RecordTable } from "@/page/record-table";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { RoleSelect } from "./invite";

type Member = Outputs["member"]["list"][number];
interface TableProps {
  members: readonly Member[];
  me: string;
  team: string;
  mayManage: boolean;
  refresh: () => Promise<void>;
}

export function MemberTable({ members, me, team, mayManage, refresh }: TableProps) {
  const columns: DataColumn<Member>[] = [
    {
      id: "name",
      header: "Person",
      value: (row) => row.name,
      primary: true,
      cell: (row) => (
        <>
          <b>{row.name}</b> {row.userId === me ? <small>you</small> : null}
        </>
      ),
    },
    { id: "email", header: "E-mail", value: (row) => row.email, cell: (row) => row.email },
    {
      id: "role",
      header: "Role",
      value: (row) => row.role,
      cell: (row) => (
        <>
          {row.role} {row.lastAdmin ? <small>the last one</small> : null}
        </>
      ),
    },
    {
      id: "tokens",
      header: "Active tokens",
      numeric: true,
      descendingFirst: true,
      value: (row) => row.tokens,
      cell: (row) => formatCount(row.tokens),
    },
    {
      id: "joined",
      header: "Joined",
      descendingFirst: true,
      value: (row) => row.joinedAt,
      cell: (row) => <RelativeTime at={row.joinedAt} />,
    },
  ];
  if (mayManage) {
    columns.push(
      actColumn("Act", (row) =>
        row.lastAdmin ? null : (
          <span className="row">
            <ChangeRole member={row} refresh={refresh} />
            <Remove member={row} team={team} refresh={refresh} />
          </span>
        ),
      ),
    );
  }
  return (
    <RecordTable label="Members" columns={columns} rows={members} rowId={(row) => row.userId} empty="Nobody is here." />
  );
}

const tokensEnded = (count: number) =>
  count === 0 ? "" : `, ${formatCount(count)} token${count === 1 ? "" : "s"} revoked`;

function ChangeRole({ member, refresh }: { member: Member; refresh: () => Promise<void> }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const change = useMutation(trpc.member.setRole.mutationOptions());
  const [role, setRole] = useState<Role>(member.role);
  return (
    <FormDialog
      trigger={
        <Button size="small" aria-label={`Change role of ${member.name}…`}>
          Change role…
        </Button>
      }
      title={`Role of ${member.name}`}
      submitLabel={role === member.role ? `Stay ${role}` : `Make ${role}`}
      busyLabel="Changing the role"
      onOpen={() => setRole(member.role)}
      onSubmit={async () => {
        const { revokedTokens } = await change.mutateAsync({ ...scope, userId: member.userId, role });
        await refresh();
        show({ text: `${member.name} is ${role}${tokensEnded(revokedTokens)}` });
        return true;
      }}
    >
      <RoleSelect value={role} onChange={setRole} />
      <p className="secondary">
        It counts from their next request on, in every project. Of their {formatCount(member.tokens)} active tokens,
        those that may do more than the new role are revoked.
      </p>
    </FormDialog>
  );
}

function Remove({ member, team, refresh }: { member: Member; team: string; refresh: () => Promise<void> }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const remove = useMutation(trpc.member.remove.mutationOptions());
  return (
    <ConfirmDialog
      trigger={
        <Button size="small" variant="danger" aria-label={`Remove ${member.name}…`}>
          Remove…
        </Button>
      }
      title={`Remove ${member.name} from ${team}`}
      effects={[
        "Loses access to every project of the team with the next request.",
        member.tokens === 0
          ? "Has no active tokens of their own."
          : `${formatCount(member.tokens)} active tokens of their own are revoked: whatever holds them stops working.`,
        "Tokens of service accounts stay, and so does everything they made.",
      ]}
      undo="They can be invited again; revoked tokens stay revoked."
      confirmLabel="Remove from the team"
      danger
      onConfirm={async () => {
        const { revokedTokens } = await remove.mutateAsync({ ...scope, userId: member.userId });
        await refresh();
        show({ text: `${member.name} is removed${tokensEnded(revokedTokens)}` });
        return undefined;
      }}
    />
  );
}
