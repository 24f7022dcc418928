"use client";

import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "./button.tsx";
import { Link } from "./link.tsx";

/** Undo, and the way to what was made, are offered for ten seconds. */
const UNDO_MS = 10_000;
const PLAIN_MS = 5_000;

export interface ToastMessage {
  /** What happened, in the past tense: "Alert muted until 21 Jun". */
  text: string;
  /** Takes the act back. Its presence makes the toast stay for 10 s. */
  undo?: (() => void) | undefined;
  /** Where what was done can be seen. It makes the toast stay for 10 s too. */
  link?: { label: string; href: string } | undefined;
}

interface OpenToast extends ToastMessage {
  id: number;
}

const ToastContext = createContext<((message: ToastMessage) => void) | undefined>(undefined);

/** Holds the toasts of a page. Only for what has happened; never for errors that need a decision. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly OpenToast[]>([]);
  const nextId = useRef(1);
  const show = useCallback((message: ToastMessage) => {
    const id = nextId.current;
    nextId.current += 1;
    setToasts((open) => [...open.slice(-2), { ...message, id }]);
  }, []);
  const dismiss = useCallback((id: number) => setToasts((open) => open.filter((toast) => toast.id !== id)), []);
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <ToastRow key={toast.id} toast={toast} dismiss={dismiss} />
        ))}
      </div>
    </ToastContext.Provider>
  );
}

function ToastRow({ toast, dismiss }: { toast: OpenToast; dismiss: (id: number) => void }) {
  const [held, setHeld] = useState(false);
  const lifetime = toast.undo || toast.link ? UNDO_MS : PLAIN_MS;
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), lifetime);
    return () => clearTimeout(timer);
  }, [held, lifetime, dismiss, toast.id]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: pointer and focus only hold the message open
    <div
      className="toast"
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <p>{toast.text}</p>
      {toast.link ? (
        <Button asChild>
          <Link href={toast.link.href} onClick={() => dismiss(toast.id)}>
            {toast.link.label}
          </Link>
        </Button>
      ) : null}
      {toast.undo ? (
        <Button
          onClick={() => {
            toast.undo?.();
            dismiss(toast.id);
          }}
        >
          Undo
        </Button>
      ) : null}
    </div>
  );
}

/** Shows a toast. Must be called under a {@link ToastProvider}. */
export function useToast(): { show: (message: ToastMessage) => void } {
  const show = useContext(ToastContext);
  if (!show) throw new Error("useToast needs a ToastProvider above it");
  return useMemo(() => ({ show }), [show]);
}
