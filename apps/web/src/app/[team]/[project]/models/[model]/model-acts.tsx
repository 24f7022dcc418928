"use client";

import { Button, ConfirmDialog, useToast } from "@ballast/ui";
import { useRouter } from "next/navigation";
import { useMay } from "@/frame/may";
import type { Outputs } from "@/page/outputs";
import { modelPath } from "@/page/record-paths";
import { TextDialog } from "@/page/text-dialog";
import { TransferDialog } from "@/page/transfer/transfer-dialog";
import { useAttempt } from "@/page/use-attempt";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPCClient } from "@/trpc/client";

/** What can be done with a model as a whole; drawn for who may. */
export function ModelActs({ page }: { page: Outputs["model"]["get"] }) {
  const client = useTRPCClient();
  const router = useRouter();
  const { scope, base } = useProject();
  const may = useMay("model.write");
  const [refresh, toast] = [useRefresh(), useToast()];
  const attempt = useAttempt();
  const { model } = page;
  if (!may) return null;
  const restore = async () => {
    await client.model.restore.mutate({ ...scope, modelId: model.id });
    await refresh();
    router.push(modelPath(base, model.name));
  };
  return (
    <>
      <TextDialog
        button="Describe…"
        title={`What ${model.name} is for`}
        label="Purpose"
        help="Its model cards begin with it."
        lines={4}
        text={model.description}
        submitLabel="Save"
        onSave={async (description) => {
          await client.model.describe.mutate({ ...scope, modelId: model.id, description });
          await refresh();
        }}
      />
      <TextDialog
        button="Rename…"
        title={`Rename ${model.name}`}
        label="New name"
        help="Programs that load the model by its old name will not find it any more."
        needed="Enter a name."
        text={model.name}
        submitLabel="Rename"
        onSave={async (newName) => {
          await client.model.rename.mutate({ ...scope, modelId: model.id, newName });
          router.push(modelPath(base, newName));
        }}
      />
      <TransferDialog
        of={{ kind: "model", id: model.id, name: model.name }}
        trigger={<Button>Move or copy…</Button>}
        onMoved={() => router.push(`${base}/models`)}
      />
      <ConfirmDialog
        trigger={<Button variant="danger">Delete…</Button>}
        title={`Delete ${model.name}`}
        effects={[
          "the model and all its versions go to the trash; programs do not find them any more",
          "its name may be used again",
        ]}
        undo="It can be restored from the trash until that is emptied."
        confirmLabel={`Delete ${model.name}`}
        danger
        onConfirm={async () => {
          await client.model.trash.mutate({ ...scope, modelId: model.id });
          toast.show({ text: `${model.name} is in the trash`, undo: () => attempt(restore) });
          router.push(`${base}/models`);
          return undefined;
        }}
      />
    </>
  );
}
