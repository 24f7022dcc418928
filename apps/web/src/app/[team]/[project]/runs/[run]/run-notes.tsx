"use client";

import { Button, Panel, PanelBody, TextArea } from "@ballast/ui";
import { Pencil } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/frame/may";
import { MarkdownText } from "@/page/markdown-text";
import { requestIdOf } from "@/page/request-id";
import { useProject } from "@/page/use-project";
import { useRefresh } from "@/page/use-refresh";
import { useTRPCClient } from "@/trpc/client";
import { NOTE_TAG, type RunRecord } from "../tracking";

/** As long as a tag of a run may be. */
const LONGEST = 8_000;

/** What people wrote down about the run, in Markdown. */
export function RunNotes({ run }: { run: RunRecord }) {
  const may = useMay("experiment.write");
  const [editing, setEditing] = useState(false);
  const text = run.tags[NOTE_TAG] ?? "";
  if (editing) return <NoteEditor runId={run.id} text={text} close={() => setEditing(false)} />;
  const edit =
    may && !run.deletedAt ? (
      <Button icon={Pencil} size="small" onClick={() => setEditing(true)}>
        {text === "" ? "Write a note" : "Edit"}
      </Button>
    ) : null;
  if (text === "") return edit ? <div>{edit}</div> : null;
  return (
    <Panel title="Notes" actions={edit}>
      <PanelBody>
        <MarkdownText text={text} />
      </PanelBody>
    </Panel>
  );
}

function NoteEditor({ runId, text, close }: { runId: string; text: string; close: () => void }) {
  const client = useTRPCClient();
  const { scope } = useProject();
  const refresh = useRefresh();
  const [typed, setTyped] = useState(text);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error>();
  const save = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await client.experiment.tagRun.mutate({ ...scope, runId, tags: { [NOTE_TAG]: typed } });
      await refresh();
      close();
    } catch (failure) {
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Panel title="Notes" note="Markdown">
      <PanelBody>
        <TextArea
          aria-label="Notes in Markdown"
          rows={10}
          maxLength={LONGEST}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        {error ? (
          <p className="field-error mt-2" role="alert">
            The note was not saved. {error.message} {requestIdOf(error) ? `Request ${requestIdOf(error)}` : ""}
          </p>
        ) : null}
        <div className="row mt-2">
          <Button variant="primary" busy={busy} onClick={() => void save()}>
            {busy ? "Saving" : "Save note"}
          </Button>
          <Button onClick={close}>Cancel</Button>
        </div>
      </PanelBody>
    </Panel>
  );
}
