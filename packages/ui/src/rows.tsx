import type { ReactNode } from "react";
import { Glyph } from "./glyph.tsx";
import type { Tone } from "./tone.ts";

/** A thing that needs attention: badge, name, age; then a sentence and where to go. */
export function ListItem({ head, age, children }: { head: ReactNode; age?: ReactNode; children?: ReactNode }) {
  return (
    <div className="entry">
      <div className="entry-head">
        {head}
        {age ? <span className="dim">{age}</span> : null}
      </div>
      {children}
    </div>
  );
}

/** One line of an event log: time, state, activity, what happened (its event name in `code`), who or what did it. */
export function EventRow({
  time,
  dateTime,
  tone,
  activity,
  by,
  children,
}: {
  time: string;
  /** ISO 8601, for machines. */
  dateTime: string;
  tone: Tone;
  activity: string;
  by?: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="event-row">
      <time dateTime={dateTime}>{time}</time>
      <Glyph tone={tone} />
      <span className="event-activity">{activity}</span>
      <span className="event-text">{children}</span>
      <span className="event-by">{by}</span>
    </div>
  );
}

export interface RolloutStep {
  /** "10 %". */
  label: string;
  state: "done" | "now" | "todo" | "stopped";
  /** Progress inside the current step, 0 to 1. */
  progress?: number;
  /** Up to three short lines: exposed, labels matured, what it waits for. */
  lines: readonly string[];
}

const stepTones = { done: "healthy", now: "running", stopped: "breach" } as const satisfies Record<string, Tone>;
const stepWords = { done: "done", now: "under way", stopped: "stopped here", todo: "not started" } as const;

/** The steps of a rollout, with the part of each that is done. */
export function Steps({ steps }: { steps: readonly RolloutStep[] }) {
  return (
    <ol className="steps">
      {steps.map((step) => {
        const filled = step.state === "done" ? 1 : step.state === "todo" ? 0 : (step.progress ?? 0);
        return (
          <li className="step" data-state={step.state} key={step.label}>
            <div className="step-bar">
              <i style={{ width: `${Math.min(1, Math.max(0, filled)) * 100}%` }} />
            </div>
            <p className="step-share">
              {step.label}
              {step.state === "todo" ? null : <Glyph tone={stepTones[step.state]} size={12} />}
              <span className="visually-hidden">{stepWords[step.state]}</span>
            </p>
            <div>
              {step.lines.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** The inputs of a decision: name and value in mono. */
export function DecisionInputs({ inputs }: { inputs: readonly (readonly [name: string, value: string])[] }) {
  return (
    <div className="inputs">
      {inputs.map(([name, value]) => (
        <span key={name}>
          {name} <b>{value}</b>
        </span>
      ))}
    </div>
  );
}
