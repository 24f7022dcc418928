"use client";

import { Check, Copy } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

/** How long the confirmation of a copy stays, in milliseconds. */
const CONFIRMATION_MS = 2_000;

function useCopy(text: string): { copied: boolean; failed: boolean; copy: () => void } {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const settle = (next: "copied" | "failed"): void => {
    setState(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState("idle"), CONFIRMATION_MS);
  };
  const copy = (): void => {
    // The clipboard is missing on plain http from another host; then the text must be selected by hand.
    if (!navigator.clipboard) {
      settle("failed");
      return;
    }
    navigator.clipboard.writeText(text).then(
      () => settle("copied"),
      () => settle("failed"),
    );
  };
  return { copied: state === "copied", failed: state === "failed", copy };
}

/** An id in mono, muted; a click copies it. `children` may show a shortened form, `value` is what is copied. */
export function CopyId({ value, children }: { value: string; children?: ReactNode }) {
  const { copied, failed, copy } = useCopy(value);
  return (
    <button type="button" className="copy-id" data-copied={copied} title={`Copy ${value}`} onClick={copy}>
      <span>{children ?? value}</span>
      <Icon of={copied ? Check : Copy} size={12} />
      <span className="visually-hidden" aria-live="polite">
        {copied ? "copied" : failed ? "could not copy" : ""}
      </span>
    </button>
  );
}

/**
 * A command or a snippet with Copy. Lines that start with "$ " show the prompt muted and are copied without it.
 * A trailing newline is not needed.
 */
export function CodeBlock({ code, label }: { code: string; label?: string | undefined }) {
  const lines = code.split("\n");
  const bare = lines.map((line) => (line.startsWith("$ ") ? line.slice(2) : line)).join("\n");
  const { copied, failed, copy } = useCopy(bare);
  return (
    <div className="code-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} title={label}>
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity and never move
          <span key={index}>
            {line.startsWith("$ ") ? <span className="prompt">$ </span> : null}
            {line.startsWith("$ ") ? line.slice(2) : line}
            {index < lines.length - 1 ? "\n" : null}
          </span>
        ))}
      </pre>
      <Button icon={copied ? Check : Copy} onClick={copy} aria-live="polite">
        {copied ? "Copied" : failed ? "Select and copy" : "Copy"}
      </Button>
    </div>
  );
}
