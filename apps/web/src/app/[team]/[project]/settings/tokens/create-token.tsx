"use client";

import type { Permission } from "@ballast/core";
import { Button, CodeBlock, Field, formatCount, Input, Note, Panel, PanelBody, Select } from "@ballast/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import { toggled } from "@/page/toggled";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { permissionGroups } from "./permission-words";

export interface MadeToken {
  name: string;
  token: string;
}

const LIFETIMES = [
  ["30", "30 days"],
  ["90", "90 days"],
  ["365", "1 year"],
  ["never", "never"],
] as const;

/** What a service that only asks and reports needs: the least that is useful. */
const FIRST_CHOICE: readonly Permission[] = ["prediction.create", "outcome.write"];

/** Asks for name, owner, permissions and lifetime; nobody hands out a permission they or the service account lack. */
export function CreateToken({
  grantable: mine,
  onMade,
}: {
  grantable: readonly Permission[];
  onMade: (made: MadeToken) => void;
}) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const create = useMutation(trpc.token.create.mutationOptions());
  const [name, setName] = useState("");
  const [lifetime, setLifetime] = useState("90");
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set(FIRST_CHOICE));
  const [checked, setChecked] = useState(false);
  const [owner, setOwner] = useState("");
  const accounts = (useQuery(trpc.serviceAccount.list.queryOptions(scope)).data ?? []).filter((one) => !one.disabledAt);
  const account = accounts.find((one) => one.id === owner);
  const grantable = account ? mine.filter((permission) => account.permissions.includes(permission)) : mine;
  const nameError = name.trim() === "" ? "Name the token after the program that will hold it." : undefined;
  const asked = [...chosen].filter((permission) => grantable.includes(permission));
  const choiceError = asked.length === 0 ? "Choose at least one permission." : undefined;
  const toggle = (permission: Permission) => setChosen((before) => toggled(before, permission));
  return (
    <FormDialog
      trigger={
        <Button variant="primary" icon={Plus}>
          New token…
        </Button>
      }
      title="New token"
      submitLabel={`Create token with ${formatCount(asked.length)} of ${formatCount(grantable.length)} permissions`}
      busyLabel="Creating token"
      onOpen={() => {
        setName("");
        setOwner("");
        setLifetime("90");
        setChosen(new Set(FIRST_CHOICE));
        setChecked(false);
      }}
      onSubmit={async () => {
        setChecked(true);
        if (nameError || choiceError) return false;
        const input = {
          name: name.trim(),
          permissions: asked,
          ...(account ? { serviceAccountId: account.id } : {}),
          expiresInDays: lifetime === "never" ? null : Number(lifetime),
        };
        const { token } = await create.mutateAsync({ ...scope, ...input });
        onMade({ name: input.name, token });
        return true;
      }}
    >
      <Field label="Name" help="The program that will hold it." error={checked ? nameError : undefined}>
        <Input value={name} maxLength={80} autoComplete="off" onChange={(event) => setName(event.target.value)} />
      </Field>
      {accounts.length === 0 ? null : (
        <Field
          label="Acts as"
          help={
            account
              ? "The audit log names the service account. Disabling it ends this token."
              : "A token of its own ends with your membership; a service account's stays."
          }
        >
          <Select value={owner} onChange={(event) => setOwner(event.target.value)}>
            <option value="">itself</option>
            {accounts.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field
        label="Expires after"
        help={lifetime === "never" ? "A token that never expires must be revoked by hand." : undefined}
      >
        <Select value={lifetime} onChange={(event) => setLifetime(event.target.value)}>
          {LIFETIMES.map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      <div className="grid gap-3">
        <PermissionChoice grantable={grantable} chosen={chosen} toggle={toggle} />
      </div>
      {checked && choiceError ? (
        <Note tone="breach" alert>
          {choiceError}
        </Note>
      ) : null}
    </FormDialog>
  );
}

/** Permissions by what they are for, each in words. */
export function PermissionChoice(props: {
  grantable: readonly Permission[];
  chosen: ReadonlySet<Permission>;
  toggle: (permission: Permission) => void;
}) {
  return permissionGroups.map((group) => <PermissionGroup key={group.title} {...group} {...props} />);
}

function PermissionGroup({
  title,
  permissions,
  grantable,
  chosen,
  toggle,
}: (typeof permissionGroups)[number] & {
  grantable: readonly Permission[];
  chosen: ReadonlySet<Permission>;
  toggle: (permission: Permission) => void;
}) {
  const offered = permissions.filter(([permission]) => grantable.includes(permission));
  if (offered.length === 0) return null;
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-medium">{title}</legend>
      {offered.map(([permission, words]) => (
        <label key={permission} className="flex min-h-[24px] items-center gap-2">
          <input type="checkbox" checked={chosen.has(permission)} onChange={() => toggle(permission)} />
          <span>{words}</span>
          <code className="muted ml-auto">{permission}</code>
        </label>
      ))}
    </fieldset>
  );
}

/** The token's text, shown this once. */
export function MadeTokenPanel({ made, onDone }: { made: MadeToken; onDone: () => void }) {
  return (
    <Panel title={`Token ${made.name}`} note="shown this once; only its hash is kept">
      <PanelBody className="grid gap-3">
        <Note tone="warning" alert>
          Copy it now. Nobody can read it again; a lost token is rotated or revoked.
        </Note>
        <CodeBlock code={made.token} label="The token" />
        <CodeBlock code={`$ export BALLAST_TOKEN=${made.token}`} label="As a setting of a shell" />
        <div className="row">
          <Button onClick={onDone}>I have stored it</Button>
        </div>
      </PanelBody>
    </Panel>
  );
}
