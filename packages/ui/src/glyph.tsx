import type { Tone } from "./tone.ts";

const shapes: Readonly<Record<Tone, React.ReactNode>> = {
  healthy: <circle cx="6" cy="6" r="4.25" />,
  warning: <path d="M6 1.2 11.2 10.6H.8z" />,
  breach: <rect x="1.5" y="1.5" width="9" height="9" rx="1" />,
  info: <path d="M6 .9 11.1 6 6 11.1.9 6z" />,
  idle: <circle cx="6" cy="6" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  running: (
    <>
      <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M1.8 6a4.2 4.2 0 0 0 8.4 0z" />
    </>
  ),
};

/** The shape of a state: ● healthy, ▲ warning, ■ breach, ◆ info, ○ idle, ◒ running. Always set a word beside it. */
export function Glyph({ tone, size = 10 }: { tone: Tone; size?: number }) {
  return (
    <svg
      className="glyph"
      data-tone={tone}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      fill="currentColor"
      aria-hidden="true"
    >
      {shapes[tone]}
    </svg>
  );
}

/** The same shape inside a larger SVG, its top left corner at (x, y); 12 units wide. */
export function GlyphShape({ tone, x, y }: { tone: Tone; x: number; y: number }) {
  return (
    <g className="glyph" data-tone={tone} transform={`translate(${x} ${y})`} fill="currentColor">
      {shapes[tone]}
    </g>
  );
}

/** The level mark: a plumb line, a waterline and a keel. At least 16 px. */
export function Mark({ size = 22 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 2v6M1.5 9.5h21" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
      <path className="keel" d="M4.5 12.5h15c-.6 4.8-3.4 8.2-7.5 10-4.1-1.8-6.9-5.2-7.5-10z" />
    </svg>
  );
}
