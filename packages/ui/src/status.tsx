import type { ReactNode } from "react";
import { Glyph } from "./glyph.tsx";
import type { Tone } from "./tone.ts";

/** A state in a table or a line: glyph and word. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className="status" data-tone={tone}>
      <Glyph tone={tone} />
      <span>{children}</span>
    </span>
  );
}

/** The one state that matters in a header, framed. Elsewhere use {@link Status}. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className="badge" data-tone={tone}>
      <Glyph tone={tone} size={9} />
      {children}
    </span>
  );
}

/** A short neutral label, such as a version or a kind. */
export function Tag({ children }: { children: ReactNode }) {
  return <span className="tag">{children}</span>;
}

/** A key of the keyboard. */
export function Kbd({ children }: { children: ReactNode }) {
  return <kbd>{children}</kbd>;
}

/** A framed remark inside a panel. `alert` makes a screen reader say it at once: for the answer to what a person just did. */
export function Note({ tone, alert = false, children }: { tone: Tone; alert?: boolean; children: ReactNode }) {
  return (
    <div className="note" data-tone={tone} role={alert ? "alert" : undefined}>
      <Glyph tone={tone} size={12} />
      <div>{children}</div>
    </div>
  );
}
