"use client";

import { Button, ConfirmDialog, Field, Input, Link, Select, TextArea, useToast } from "@ballast/ui";
import { useQuery } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { FormDialog } from "@/page/form-dialog";
import { modelPath, modelVersionPath } from "@/page/record-paths";
import { TextDialog } from "@/page/text-dialog";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPC, useTRPCClient } from "@/trpc/client";
import type { VersionPage } from "./version-view";

const STAGES = ["None", "Staging", "Production", "Archived"];

/** What can be done with a version: its card for all, changes for who may make them. */
export function VersionActs({ page }: { page: VersionPage }) {
  const { base } = useProject();
  const may = useMay("model.write");
  const { model, version } = page;
  return (
    <>
      <Button asChild>
        <Link href={`${modelVersionPath(base, model.name, `v${version.version}`)}/card`}>Model card</Link>
      </Button>
      {may ? (
        <>
          <GiveAlias page={page} />
          <TakeOffAliases page={page} />
          <MoveStage page={page} />
          <Describe page={page} />
          <DeleteVersion page={page} />
        </>
      ) : null}
    </>
  );
}

function GiveAlias({ page }: { page: VersionPage }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const [alias, setAlias] = useState("");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string>();
  const { model, version, aliases } = page;
  const submit = async (): Promise<boolean> => {
    if (alias.trim() === "") {
      setError("Enter an alias, such as production.");
      return false;
    }
    const input = { ...scope, modelId: model.id, versionId: version.id, alias: alias.trim(), reason };
    const outcome = await client.model.setAlias.mutate(input);
    await refresh();
    toast.show({
      text: outcome.moved
        ? `${alias.trim()} is v${version.version} now`
        : `${alias.trim()} is guarded: the request waits for ${outcome.approval.needed === 1 ? "an approval" : `${outcome.approval.needed} approvals`}`,
    });
    return true;
  };
  return (
    <FormDialog
      trigger={<Button>Give alias…</Button>}
      title={`Give v${version.version} an alias`}
      submitLabel="Give alias"
      busyLabel="Moving"
      onOpen={() => {
        setAlias("");
        setReason("");
        setError(undefined);
      }}
      onSubmit={submit}
    >
      <Field
        label="Alias"
        error={error}
        help="Taken from whichever version has it. Where a rule guards it, this asks for approval, and it moves when that is given."
      >
        <Input value={alias} autoComplete="off" maxLength={255} onChange={(event) => setAlias(event.target.value)} />
      </Field>
      <Field label="Why, for whoever must approve">
        <TextArea rows={2} maxLength={2_000} value={reason} onChange={(event) => setReason(event.target.value)} />
      </Field>
      {aliases.length > 0 ? (
        <p className="secondary">It carries {aliases.map((one) => one.alias).join(", ")}.</p>
      ) : null}
    </FormDialog>
  );
}

/** Aliases that may be taken off: neither those that rollouts move nor those that a rule guards. */
function TakeOffAliases({ page }: { page: VersionPage }) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const { scope } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const { model, version, aliases, deployments } = page;
  const rules = useQuery(trpc.model.approvalRules.queryOptions({ ...scope, modelId: model.id }));
  const guarded = new Set(rules.data?.map((rule) => rule.alias));
  const routed = (alias: string) => deployments.length > 0 && (alias === "champion" || alias === "candidate");
  if (rules.data === undefined) return null;
  return aliases
    .filter(({ alias }) => !guarded.has(alias) && !routed(alias))
    .map(({ alias }) => (
      <ConfirmDialog
        key={alias}
        trigger={<Button>Take off {alias}…</Button>}
        title={`Take ${alias} off v${version.version}`}
        effects={[`programs that load ${model.name} by ${alias} do not find a version any more`]}
        undo="It can be given again. It is written to the alias history under your name."
        confirmLabel={`Take off ${alias}`}
        onConfirm={async () => {
          await client.model.dropAlias.mutate({ ...scope, modelId: model.id, alias });
          await refresh();
          toast.show({ text: `${alias} was taken off v${version.version}` });
          return undefined;
        }}
      />
    ));
}

function MoveStage({ page }: { page: VersionPage }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  const { version } = page;
  const [stage, setStage] = useState(version.stage);
  const [archive, setArchive] = useState(false);
  const active = stage === "Staging" || stage === "Production";
  return (
    <FormDialog
      trigger={<Button>Stage…</Button>}
      title={`Stage of v${version.version}`}
      submitLabel="Move to stage"
      busyLabel="Moving"
      onOpen={() => {
        setStage(version.stage);
        setArchive(false);
      }}
      onSubmit={async () => {
        const archiveExisting = archive && active;
        await client.model.stageVersion.mutate({ ...scope, versionId: version.id, stage, archiveExisting });
        await refresh();
        return true;
      }}
    >
      <Field label="Stage" help="MLflow's older way of saying what an alias says. It routes nothing here.">
        <Select value={stage} onChange={(event) => setStage(event.target.value)}>
          {STAGES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </Select>
      </Field>
      {active ? (
        <label className="row">
          <input type="checkbox" checked={archive} onChange={(event) => setArchive(event.target.checked)} />
          Archive the versions that are in it now
        </label>
      ) : null}
    </FormDialog>
  );
}

function Describe({ page }: { page: VersionPage }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  const { version } = page;
  return (
    <TextDialog
      button="Describe…"
      title={`What is special about v${version.version}`}
      label="Description"
      lines={4}
      text={version.description}
      submitLabel="Save"
      onSave={async (description) => {
        await client.model.describeVersion.mutate({ ...scope, versionId: version.id, description });
        await refresh();
      }}
    />
  );
}

function DeleteVersion({ page }: { page: VersionPage }) {
  const client = useTRPCClient();
  const router = useRouter();
  const { scope, base } = useProject();
  const [refresh, toast] = [useRefresh(), useToast()];
  const attempt = useAttempt();
  const { model, version, aliases, deployments } = page;
  // The server refuses it; a button that only refuses helps nobody.
  if (deployments.length > 0) return null;
  const back = async () => {
    await client.model.restoreVersion.mutate({ ...scope, versionId: version.id });
    await refresh();
  };
  return (
    <ConfirmDialog
      trigger={<Button variant="danger">Delete…</Button>}
      title={`Delete ${model.name} v${version.version}`}
      effects={[
        "it goes to the trash; programs do not find it any more, and its number is not used again",
        ...(aliases.length > 0 ? [`${aliases.map((one) => one.alias).join(", ")} will point nowhere`] : []),
      ]}
      undo="It can be restored from the trash, without its aliases, until that is emptied."
      confirmLabel={`Delete v${version.version}`}
      danger
      onConfirm={async () => {
        await client.model.trashVersion.mutate({ ...scope, versionId: version.id });
        toast.show({ text: `${model.name} v${version.version} is in the trash`, undo: () => attempt(back) });
        router.push(modelPath(base, model.name));
        return undefined;
      }}
    />
  );
}
