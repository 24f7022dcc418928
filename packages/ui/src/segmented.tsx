"use client";

import { useRef } from "react";
import { Link } from "./link.tsx";

export interface SegmentedOption<Value extends string> {
  value: Value;
  label: string;
}

/** One choice of a few, applied at once. Arrow keys move. For choices that live in the URL use {@link SegmentedLinks}. */
export function Segmented<Value extends string>({
  label,
  options,
  value,
  onChange,
}: {
  /** What is chosen, for screen readers. */
  label: string;
  options: readonly SegmentedOption<Value>[];
  /** Undefined while none of the options holds. */
  value: Value | undefined;
  onChange: (value: Value) => void;
}) {
  const group = useRef<HTMLDivElement>(null);
  // Where none is chosen the first is what the keyboard comes to.
  const at = Math.max(
    0,
    options.findIndex((option) => option.value === value),
  );
  const move = (step: number): void => {
    const next = options[(at + step + options.length) % options.length];
    if (!next) return;
    onChange(next.value);
    group.current?.querySelector<HTMLElement>(`[data-value="${CSS.escape(next.value)}"]`)?.focus();
  };
  return (
    <div className="segmented" role="radiogroup" aria-label={label} ref={group}>
      {options.map((option, index) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio group drawn as one control; native radios cannot be styled so
        <button
          key={option.value}
          type="button"
          role="radio"
          data-value={option.value}
          aria-checked={option.value === value}
          tabIndex={index === at ? 0 : -1}
          onClick={() => onChange(option.value)}
          onKeyDown={(event) => {
            const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
            if (step === undefined) return;
            event.preventDefault();
            move(step);
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

/** The same control as links: the choice lives in the URL. */
export function SegmentedLinks({
  label,
  options,
  current,
}: {
  label: string;
  options: readonly { value: string; label: string; href: string }[];
  current: string;
}) {
  return (
    <nav className="segmented" aria-label={label}>
      {options.map((option) => (
        <Link key={option.value} href={option.href} aria-current={option.value === current ? "true" : undefined}>
          {option.label}
        </Link>
      ))}
    </nav>
  );
}
