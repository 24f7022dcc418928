import type { ReactNode } from "react";
import { Glyph } from "./glyph.tsx";
import type { Tone } from "./tone.ts";

/**
 * The opening of every operational page: is it healthy, why not, what do I do, in words and in that order.
 * Its top edge is the page's waterline and takes the state's colour.
 */
export function Verdict({
  tone,
  headline,
  why,
  act,
  actions,
}: {
  tone: Tone;
  /** One or two sentences, ending with a full stop. */
  headline: ReactNode;
  /** The measured reason, with numbers, units and n. */
  why: ReactNode;
  /** What the reader should do; "Nothing." is a good answer, with what happens next. */
  act: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <section className="verdict" data-tone={tone} aria-label="Health">
      <div className="verdict-state">
        <Glyph tone={tone} size={16} />
        <div>
          <p className="verdict-question">Is it healthy?</p>
          <p className="headline">{headline}</p>
        </div>
      </div>
      <div>
        <p className="verdict-question">{tone === "healthy" ? "How do we know?" : "Why not?"}</p>
        <div className="verdict-text">{why}</div>
      </div>
      <div>
        <p className="verdict-question">What do I do?</p>
        <div className="verdict-text">{act}</div>
        {actions ? <div className="row">{actions}</div> : null}
      </div>
    </section>
  );
}
