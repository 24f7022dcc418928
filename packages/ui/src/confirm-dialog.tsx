"use client";

import { ArrowRight } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Field, Input } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { Note } from "./status.tsx";

export interface ConfirmDialogProps {
  /** The button that opens it; its label ends with "…". */
  trigger: ReactNode;
  /** A question or an order that names the thing: "Roll back flight-late to v3". */
  title: string;
  /** What will happen, one line each, with numbers: "moves 50 % of 16,650 predictions a day to v5". */
  effects: readonly ReactNode[];
  /** Whether and how it can be undone. */
  undo: ReactNode;
  /** Label of the confirming button, named by what it does. Never "OK". */
  confirmLabel: string;
  danger?: boolean;
  /** Set only if it cannot be undone: the person types this name first. */
  typeToConfirm?: string | undefined;
  /**
   * Does it. Resolves to nothing when done (the dialog closes), or to the reason why it was refused (the dialog stays
   * and shows it). A rejection shows its message.
   */
  onConfirm: () => Promise<string | undefined>;
  /** Sets what the fields below start with, each time it opens: what was typed before, or was true then, is of no use now. */
  onOpen?: () => void;
  children?: ReactNode;
}

/** A confirmation, only for what others feel: promote, roll back, delete, grant, spend. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [open, setOpen] = useState(false);
  return (
    <Primitive.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) props.onOpen?.();
      }}
    >
      <Primitive.Trigger asChild>{props.trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Overlay className="scrim" />
        <Primitive.Content className="dialog" aria-describedby={undefined}>
          <div className="dialog-head">
            <Primitive.Title asChild>
              <h2>{props.title}</h2>
            </Primitive.Title>
          </div>
          <ConfirmForm {...props} close={() => setOpen(false)} />
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function ConfirmForm({
  effects,
  undo,
  confirmLabel,
  danger,
  typeToConfirm,
  onConfirm,
  children,
  close,
}: ConfirmDialogProps & { close: () => void }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [nameError, setNameError] = useState<string>();
  const [refusal, setRefusal] = useState<string>();

  const confirm = async (): Promise<void> => {
    if (typeToConfirm !== undefined && typed !== typeToConfirm) {
      setNameError(`Type ${typeToConfirm} exactly to confirm.`);
      return;
    }
    setBusy(true);
    setRefusal(undefined);
    try {
      const reason = await onConfirm();
      if (reason === undefined) close();
      else setRefusal(reason);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <div className="dialog-body">
        <ul className="effects">
          {effects.map((effect, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a fixed list that never reorders
            <li key={index}>
              <Icon of={ArrowRight} size={14} />
              <span>{effect}</span>
            </li>
          ))}
        </ul>
        {children}
        <p className="secondary">{undo}</p>
        {typeToConfirm === undefined ? null : (
          <Field label={`Type ${typeToConfirm} to confirm`} error={nameError}>
            <Input
              value={typed}
              autoComplete="off"
              onChange={(event) => {
                setTyped(event.target.value);
                setNameError(undefined);
              }}
            />
          </Field>
        )}
        {refusal === undefined ? null : (
          <Note tone="breach" alert>
            {refusal}
          </Note>
        )}
      </div>
      <div className="dialog-foot">
        <Primitive.Close asChild>
          <Button>Cancel</Button>
        </Primitive.Close>
        <Button type="submit" variant={danger ? "danger-filled" : "primary"} busy={busy}>
          {confirmLabel}
        </Button>
      </div>
    </form>
  );
}
