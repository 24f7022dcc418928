"use client";

import {
  actColumn,
  Button,
  ConfirmDialog,
  type DataColumn,
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
import type { MadeInvitation } from "./invite";

type Invitation = Outputs["invitation"]["list"][number];
interface Acts {
  refresh: () => Promise<void>;
  onMade: (made: MadeInvitation) => void;
}

export function InvitationTable({ invitations, ...acts }: { invitations: readonly Invitation[] } & Acts) {
  const columns: DataColumn<Invitation>[] = [
    {
      id: "for",
      header: "For",
      value: (row) => row.email,
      primary: true,
      cell: (row) => row.email ?? <span className="muted">whoever holds the link</span>,
    },
    { id: "role", header: "Role", value: (row) => row.role, cell: (row) => row.role },
    {
      id: "state",
      header: "State",
      value: (row) => row.expiresAt,
      cell: (row) =>
        row.expiresAt.getTime() <= Date.now() ? (
          <Status tone="idle">expired {formatDateTime(row.expiresAt)}</Status>
        ) : (
          <Status tone="info">open until {formatDateTime(row.expiresAt)}</Status>
        ),
    },
    {
      id: "made",
      header: "Made",
      descendingFirst: true,
      value: (row) => row.createdAt,
      cell: (row) => (
        <>
          <RelativeTime at={row.createdAt} /> <small>by {row.invitedBy}</small>
        </>
      ),
    },
    actColumn("Act", (row) => <InvitationActs invitation={row} {...acts} />),
  ];
  return (
    <RecordTable
      label="Invitations"
      name="invitations"
      columns={columns}
      rows={invitations}
      rowId={(row) => row.id}
      empty="No invitation is open. Invite… makes a link."
    />
  );
}

function InvitationActs({ invitation, refresh, onMade }: { invitation: Invitation } & Acts) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const renew = useMutation(trpc.invitation.renew.mutationOptions());
  const revoke = useMutation(trpc.invitation.revoke.mutationOptions());
  const whose = invitation.email ?? `a ${invitation.role}`;
  return (
    <span className="row">
      <ConfirmDialog
        trigger={
          <Button size="small" aria-label={`New link for ${whose}…`}>
            New link…
          </Button>
        }
        title={`New link for ${whose}`}
        effects={[
          "The link made before stops working.",
          "The new one is shown once and is good for as long as the first was.",
        ]}
        undo="The old link cannot be brought back."
        confirmLabel="Make a new link"
        onConfirm={async () => {
          const made = await renew.mutateAsync({ ...scope, id: invitation.id });
          onMade({ role: invitation.role, email: invitation.email, secret: made.secret, expiresAt: made.expiresAt });
          return undefined;
        }}
      />
      <ConfirmDialog
        trigger={
          <Button size="small" variant="danger" aria-label={`Withdraw the invitation for ${whose}…`}>
            Withdraw…
          </Button>
        }
        title={`Withdraw the invitation for ${whose}`}
        effects={["The link stops working at once."]}
        undo="A new invitation can be made."
        confirmLabel="Withdraw invitation"
        danger
        onConfirm={async () => {
          await revoke.mutateAsync({ ...scope, id: invitation.id });
          await refresh();
          show({ text: `The invitation for ${whose} is withdrawn` });
          return undefined;
        }}
      />
    </span>
  );
}
