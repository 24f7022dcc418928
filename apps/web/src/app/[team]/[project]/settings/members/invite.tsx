"use client";

import type { Role } from "@ballast/core";
import { Button, CodeBlock, Field, formatDateTime, Input, Note, Panel, PanelBody, Select } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { roleWords } from "./role-words";

/** An invitation with the secret that opens it, told this once. */
export interface MadeInvitation {
  role: Role;
  email: string | null;
  expiresAt: Date;
  secret: string;
}

/** The same as the link that is handed over. */
export type MadeLink = Omit<MadeInvitation, "secret"> & { address: string };

/** The roles with what they may do. */
export function RoleSelect({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const words = roleWords.find(([role]) => role === value)?.[1];
  return (
    <Field label="Role" help={words}>
      <Select
        value={value}
        onChange={(event) => onChange(roleWords.find(([r]) => r === event.target.value)?.[0] ?? value)}
      >
        {roleWords.map(([role]) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </Select>
    </Field>
  );
}

/** Asks whom to let in as what, and makes a link for it. Nothing is sent: the inviter hands the link over. */
export function Invite({ team, onMade }: { team: string; onMade: (made: MadeInvitation) => void }) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const create = useMutation(trpc.invitation.create.mutationOptions());
  const [role, setRole] = useState<Role>("engineer");
  const [email, setEmail] = useState("");
  const [days, setDays] = useState("7");
  const [checked, setChecked] = useState(false);
  const address = email.trim();
  const error =
    address !== "" && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address) ? "Enter an e-mail address, or nothing." : undefined;
  return (
    <FormDialog
      trigger={
        <Button variant="primary" icon={UserPlus}>
          Invite…
        </Button>
      }
      title={`Invite to ${team}`}
      submitLabel="Make the link"
      busyLabel="Making the link"
      onOpen={() => {
        setRole("engineer");
        setEmail("");
        setDays("7");
        setChecked(false);
      }}
      onSubmit={async () => {
        setChecked(true);
        if (error) return false;
        const input = { role, email: address === "" ? null : address };
        const made = await create.mutateAsync({ ...scope, ...input, expiresInDays: Number(days) });
        onMade({ ...input, secret: made.secret, expiresAt: made.expiresAt });
        return true;
      }}
    >
      <RoleSelect value={role} onChange={setRole} />
      <Field
        label="E-mail (optional)"
        help="Set, the link works for that address only. Without it, whoever holds the link joins."
        error={checked ? error : undefined}
      >
        <Input type="email" value={email} autoComplete="off" onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label="Expires after">
        <Select value={days} onChange={(event) => setDays(event.target.value)}>
          <option value="1">1 day</option>
          <option value="7">7 days</option>
          <option value="30">30 days</option>
        </Select>
      </Field>
    </FormDialog>
  );
}

/** The link, shown this once. */
export function MadeLinkPanel({ made, onDone }: { made: MadeLink; onDone: () => void }) {
  return (
    <Panel title={`Invitation as ${made.role}`} note="shown this once; only its hash is kept">
      <PanelBody className="grid gap-3">
        <Note tone="warning" alert>
          {made.email ? `Send it to ${made.email}, the only address it works for.` : "Whoever opens it first joins."} It
          works once, until {formatDateTime(made.expiresAt)} UTC.
        </Note>
        <CodeBlock code={made.address} label="The link" />
        <div className="row">
          <Button onClick={onDone}>I have sent it</Button>
        </div>
      </PanelBody>
    </Panel>
  );
}
