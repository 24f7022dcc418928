import type { ReactNode } from "react";

/** Title, what it is about, and what can be done: the first line of every page. Holds the page's one `h1`. */
export function PageHead({ title, meta, children }: { title: ReactNode; meta?: ReactNode; children?: ReactNode }) {
  return (
    <div className="page-head">
      <div className="page-title">
        <h1>{title}</h1>
        {meta ? <div className="page-meta">{meta}</div> : null}
      </div>
      {children ? <div className="row">{children}</div> : null}
    </div>
  );
}

/** A framed part of a page. Put {@link PanelBody}, tables or lists inside; never another panel. */
export function Panel({
  title,
  note,
  actions,
  id,
  children,
}: {
  title?: ReactNode;
  /** What the panel shows, in a few words, beside its title. */
  note?: ReactNode;
  actions?: ReactNode;
  id?: string | undefined;
  children?: ReactNode;
}) {
  return (
    <section className="panel" id={id}>
      {title === undefined ? null : (
        <header className="panel-head">
          <h2>{title}</h2>
          {note ? <span className="panel-note">{note}</span> : null}
          {actions ? <div className="panel-actions">{actions}</div> : null}
        </header>
      )}
      {children}
    </section>
  );
}

/** Padding for text, figures and charts inside a panel; two in a row are parted by a line. */
export function PanelBody({ children, className }: { children?: ReactNode; className?: string | undefined }) {
  return <div className={className ? `panel-body ${className}` : "panel-body"}>{children}</div>;
}

/** Twelve columns; under 1180 px every cell takes the whole width. */
export function Grid({ children }: { children: ReactNode }) {
  return <div className="grid-12">{children}</div>;
}

/** A cell of {@link Grid}. Several panels in it are stacked; `fill` lets the last take the remaining height. */
export function Cell({
  span,
  fill = false,
  children,
}: {
  span: 3 | 4 | 5 | 6 | 7 | 8 | 9 | 12;
  fill?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={fill ? "cell stack stack-fill" : "cell"} data-span={span}>
      {children}
    </div>
  );
}

/** Rows of label and value: numbers on the right, or prose on the left. */
export function Facts({
  rows,
  align = "right",
  small = false,
}: {
  rows: readonly (readonly [label: string, value: ReactNode])[];
  align?: "left" | "right";
  small?: boolean;
}) {
  return (
    <dl className={small ? "facts small" : "facts"} data-align={align}>
      {rows.map(([label, value]) => (
        <FactRow key={label} label={label} value={value} />
      ))}
    </dl>
  );
}

function FactRow({ label, value }: { label: string; value: ReactNode }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </>
  );
}
