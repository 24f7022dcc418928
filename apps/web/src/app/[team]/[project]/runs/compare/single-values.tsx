import { oddNumberText, type RunLine } from "@ballast/ui";

/** Values that each run logged once, as bars from 0: over steps they would be dots on one line. */
export function SingleValues({
  label,
  lines,
  format,
}: {
  label: string;
  lines: readonly RunLine[];
  format: (value: number) => string;
}) {
  const values = lines.map(({ y }) => y[0] ?? Number.NaN);
  const greatest = Math.max(0, ...values.filter(Number.isFinite));
  return (
    <figure className="chart">
      <div className="chart-head">
        <span>{label}</span>
        <span className="end muted">logged once</span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <ul className="single-values" tabIndex={0} aria-label={label}>
        {lines.map((line, index) => {
          const value = values[index] as number;
          const share = greatest > 0 && value > 0 ? Math.min(1, value / greatest) : 0;
          return (
            <li key={line.id}>
              <span className="single-value-name" title={line.label}>
                {line.label}
              </span>
              <span className="single-value-track">
                <span style={{ width: `${100 * share}%`, background: `var(--${line.color})` }} />
              </span>
              <span className="single-value-text">{oddNumberText(value) ?? format(value)}</span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}
