"use client";

import { type ComponentProps, createContext, type ReactNode, useContext, useId } from "react";
import { Glyph } from "./glyph.tsx";

interface FieldIds {
  input: string;
  help: string | undefined;
  error: string | undefined;
}

const FieldContext = createContext<FieldIds | undefined>(undefined);

/**
 * A labelled control: label above, help below, the error in words that say what to enter.
 * Controls from this file inside it are tied to label, help and error by id.
 */
export function Field({
  label,
  aside,
  help,
  error,
  children,
}: {
  label: string;
  /** A link at the end of the label's line. */
  aside?: ReactNode;
  help?: ReactNode;
  error?: ReactNode;
  children: ReactNode;
}) {
  const id = useId();
  const ids: FieldIds = {
    input: `${id}-input`,
    help: help ? `${id}-help` : undefined,
    error: error ? `${id}-error` : undefined,
  };
  return (
    <div className="field">
      <div className="field-label">
        <label htmlFor={ids.input}>{label}</label>
        {aside}
      </div>
      <FieldContext.Provider value={ids}>{children}</FieldContext.Provider>
      {error ? (
        <p className="field-error" id={ids.error} role="alert">
          <Glyph tone="breach" />
          <span>{error}</span>
        </p>
      ) : null}
      {help ? (
        <p className="field-help" id={ids.help}>
          {help}
        </p>
      ) : null}
    </div>
  );
}

function useFieldAttributes() {
  const ids = useContext(FieldContext);
  if (!ids) return {};
  return {
    id: ids.input,
    "aria-describedby": [ids.error, ids.help].filter(Boolean).join(" ") || undefined,
    "aria-invalid": ids.error ? true : undefined,
  };
}

/** A text input, 28 px; `inputSize="large"` (36 px) on sign-in pages. */
export function Input({
  inputSize = "default",
  className,
  ...rest
}: { inputSize?: "default" | "large" } & ComponentProps<"input">) {
  return (
    <input
      {...useFieldAttributes()}
      {...rest}
      data-size={inputSize}
      className={className ? `input ${className}` : "input"}
    />
  );
}

/** A choice from a list, with the platform's own menu. */
export function Select({ className, ...rest }: ComponentProps<"select">) {
  return <select {...useFieldAttributes()} {...rest} className={className ? `input ${className}` : "input"} />;
}

/** A text of several lines. */
export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea {...useFieldAttributes()} {...rest} className={className ? `input ${className}` : "input"} />;
}
