"use client";

import type { Permission } from "@ballast/core";
import { Button, Field, formatCount, Input, Note, useToast } from "@ballast/ui";
import { useMutation } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { FormDialog } from "@/page/form-dialog";
import type { Outputs } from "@/page/outputs";
import { toggled } from "@/page/toggled";
import { useProject } from "@/page/use-project";
import { useTRPC } from "@/trpc/client";
import { PermissionChoice } from "../tokens/create-token";

type Account = Outputs["serviceAccount"]["list"][number];
const FIRST_CHOICE: readonly Permission[] = ["project.read", "experiment.write"];

/** A choice of permissions, and what is wrong with it. */
function useChoice(initial: readonly Permission[]) {
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(new Set(initial));
  const toggle = (permission: Permission) => setChosen((before) => toggled(before, permission));
  return { chosen, toggle, reset: () => setChosen(new Set(initial)) };
}

/** Asks for name, purpose and permissions of a new account, or for new ones of an old account. */
export function AccountForm({
  account,
  grantable,
  refresh,
}: {
  account?: Account;
  grantable: readonly Permission[];
  refresh: () => Promise<void>;
}) {
  const trpc = useTRPC();
  const { scope } = useProject();
  const { show } = useToast();
  const create = useMutation(trpc.serviceAccount.create.mutationOptions());
  const update = useMutation(trpc.serviceAccount.update.mutationOptions());
  const { chosen, toggle, reset } = useChoice(account?.permissions ?? FIRST_CHOICE);
  const [name, setName] = useState("");
  const [description, setDescription] = useState(account?.description ?? "");
  const [teamWide, setTeamWide] = useState(false);
  const [checked, setChecked] = useState(false);
  const nameError = !account && name.trim().length < 2 ? "Name the program, with at least 2 characters." : undefined;
  const count = formatCount(chosen.size);
  const submit = async (): Promise<boolean> => {
    setChecked(true);
    if (nameError || chosen.size === 0) return false;
    const input = { ...scope, description: description.trim(), permissions: [...chosen] };
    if (account) await update.mutateAsync({ ...input, id: account.id });
    else await create.mutateAsync({ ...input, name: name.trim(), teamWide });
    await refresh();
    show({ text: account ? `${account.name} is changed` : `${name.trim()} can have tokens now` });
    return true;
  };
  return (
    <FormDialog
      trigger={
        account ? (
          <Button size="small" aria-label={`Change ${account.name}…`}>
            Change…
          </Button>
        ) : (
          <Button variant="primary" icon={Plus}>
            New service account…
          </Button>
        )
      }
      title={account ? account.name : "New service account"}
      submitLabel={account ? `Let it do ${count} things` : `Create with ${count} permissions`}
      busyLabel={account ? "Changing the account" : "Creating the account"}
      onOpen={() => {
        reset();
        setName("");
        setDescription(account?.description ?? "");
        setTeamWide(false);
        setChecked(false);
      }}
      onSubmit={submit}
    >
      {account ? null : (
        <Field label="Name" help="The program: the audit log shows it." error={checked ? nameError : undefined}>
          <Input value={name} maxLength={60} autoComplete="off" onChange={(event) => setName(event.target.value)} />
        </Field>
      )}
      <Field label="What it is for (optional)">
        <Input
          value={description}
          maxLength={300}
          autoComplete="off"
          onChange={(event) => setDescription(event.target.value)}
        />
      </Field>
      {account ? null : (
        <label className="flex min-h-[24px] items-center gap-2">
          <input type="checkbox" checked={teamWide} onChange={() => setTeamWide((before) => !before)} />
          <span>may have tokens in every project of the team</span>
        </label>
      )}
      <p className="secondary">The most it may do. Each of its tokens has these permissions or fewer.</p>
      <div className="grid gap-3">
        <PermissionChoice grantable={grantable} chosen={chosen} toggle={toggle} />
      </div>
      {checked && chosen.size === 0 ? (
        <Note tone="breach" alert>
          Choose at least one permission.
        </Note>
      ) : null}
    </FormDialog>
  );
}
