"use client";

import { Button, Note } from "@ballast/ui";
import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { requestIdOf } from "./request-id.ts";

/**
 * A dialog that asks for a few fields and then does one thing, named by its button. `onSubmit` resolves to true when it is done and
 * the dialog may close; a rejection is shown inside it, with the request's id.
 */
export function FormDialog({
  trigger,
  title,
  submitLabel,
  busyLabel,
  onSubmit,
  onOpen,
  onClose,
  children,
}: {
  /** What opens it. Without one it is open from the start: its owner draws it when it is wanted. */
  trigger?: ReactNode;
  title: string;
  /** Undefined while there is nothing that it could do: it can only be closed then. */
  submitLabel: string | undefined;
  busyLabel: string;
  onSubmit: () => Promise<boolean>;
  onOpen?: () => void;
  onClose?: () => void;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(trigger === undefined);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<{ message: string; requestId: string | undefined }>();
  const submit = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      if (await onSubmit()) {
        setOpen(false);
        onClose?.();
      }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      setFailure({ message, requestId: error instanceof Error ? requestIdOf(error) : undefined });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Primitive.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setFailure(undefined);
        if (next) onOpen?.();
        else onClose?.();
      }}
    >
      {trigger === undefined ? null : <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>}
      <Primitive.Portal>
        <Primitive.Overlay className="scrim" />
        <Primitive.Content className="dialog" aria-describedby={undefined}>
          <div className="dialog-head">
            <Primitive.Title asChild>
              <h2>{title}</h2>
            </Primitive.Title>
          </div>
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              if (!busy) void submit();
            }}
          >
            <div className="dialog-body">
              {children}
              {failure ? (
                <Note tone="breach" alert>
                  {failure.message}{" "}
                  {failure.requestId ? <span className="muted">Request {failure.requestId}</span> : null}
                </Note>
              ) : null}
            </div>
            <div className="dialog-foot">
              <Primitive.Close asChild>
                <Button>{submitLabel === undefined ? "Close" : "Cancel"}</Button>
              </Primitive.Close>
              {submitLabel === undefined ? null : (
                <Button type="submit" variant="primary" busy={busy}>
                  {busy ? busyLabel : submitLabel}
                </Button>
              )}
            </div>
          </form>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
