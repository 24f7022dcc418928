import type { ReactNode } from "react";
import { CodeBlock, CopyId } from "./copy.tsx";
import { Note } from "./status.tsx";

export interface EmptyStep {
  /** What the command does, one line. */
  title: string;
  /** The exact command; lines starting with "$ " are shell lines. */
  code: string;
  help?: ReactNode;
}

/** A page without data teaches: what the thing is, the exact command, and that the page is waiting for the first call. */
export function EmptyState({
  title,
  explanation,
  steps,
  waiting,
  aside,
}: {
  title: string;
  /** One sentence on what the thing is. */
  explanation: ReactNode;
  steps: readonly EmptyStep[];
  /** What is being listened for; shown as a running state. */
  waiting?: ReactNode;
  aside?: ReactNode;
}) {
  return (
    <div className="empty" data-aside={Boolean(waiting || aside)}>
      <div>
        <p className="headline">{title}</p>
        <p className="secondary max-w-[60ch]">{explanation}</p>
        <ol className="empty-steps">
          {steps.map((step, index) => (
            <li key={step.title}>
              <span className="step-number">{index + 1}</span>
              <div>
                <p className="font-medium">{step.title}</p>
                <CodeBlock code={step.code} label={step.title} />
                {step.help ? <p className="muted small">{step.help}</p> : null}
              </div>
            </li>
          ))}
        </ol>
      </div>
      {waiting || aside ? (
        <aside>
          {waiting ? (
            <div role="status">
              <p className="mb-2 font-medium">Waiting for the first call</p>
              <Note tone="running">{waiting}</Note>
            </div>
          ) : null}
          {aside}
        </aside>
      ) : null}
    </div>
  );
}

/** What happened, what it means, what to do, and the id that finds it in the logs. */
export function ErrorState({
  happened,
  means,
  act,
  requestId,
  actions,
}: {
  happened: ReactNode;
  means: ReactNode;
  act: ReactNode;
  requestId?: string | undefined;
  actions?: ReactNode;
}) {
  return (
    <div className="error-state" role="alert">
      <Note tone="breach">
        <b>{happened}</b> {means}
      </Note>
      <p>{act}</p>
      {actions ? <div className="row">{actions}</div> : null}
      {requestId ? (
        <p className="muted small">
          Request <CopyId value={requestId} />
        </p>
      ) : null}
    </div>
  );
}

const WIDTHS = [46, 62, 38, 54, 70, 42, 58, 34];

/** Quiet grey rows in a panel that is loading; they appear after 200 ms and keep the height the rows will have. */
export function SkeletonRows({ count = 6, label = "Loading" }: { count?: number; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div className="skeleton-row" key={index} aria-hidden="true">
          <i style={{ width: `${WIDTHS[index % WIDTHS.length]}%` }} />
        </div>
      ))}
    </div>
  );
}
