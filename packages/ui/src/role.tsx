import type { CSSProperties, ReactNode } from "react";
import { roleColors, type SeriesColor, type VariantRole } from "./tone.ts";

const swatchStyle = (color: SeriesColor): CSSProperties => ({ "--swatch": `var(--${color})` }) as CSSProperties;

/** A small square in a series colour; hatched for shadow. */
export function Swatch({ color, hatched = false }: { color: SeriesColor; hatched?: boolean }) {
  return (
    <span
      className="swatch"
      data-pattern={hatched ? "hatch" : undefined}
      style={swatchStyle(color)}
      aria-hidden="true"
    />
  );
}

/** The role of a variant: champion s1, candidate s2, shadow hatched s8. */
export function RoleChip({ role, children }: { role: VariantRole; children?: ReactNode }) {
  return (
    <span className="role-chip">
      <Swatch color={roleColors[role]} hatched={role === "shadow"} />
      {children ?? role}
    </span>
  );
}

export interface RouteShare {
  /** Version name, such as "v3". */
  label: string;
  role: "champion" | "candidate";
  /** Share of requests, 0 to 1. Shares should add up to 1. */
  share: number;
}

function shareText(share: number): string {
  const percent = share * 100;
  return `${Number.isInteger(percent) ? percent : percent.toFixed(1)}\u202f%`;
}

/** What fits: role, version and share; version and share; the version alone. Hover and screen readers get everything. */
function segmentText({ role, label, share }: RouteShare, size: "small" | "large"): string | null {
  if (share >= 0.35) return `${role} ${label} · ${shareText(share)}`;
  if (share >= (size === "large" ? 0.12 : 0.18)) return `${label} · ${shareText(share)}`;
  return share >= 0.05 ? label : null;
}

/** Who answers how much of the traffic; below it a hatched line if a shadow gets a copy of every request. */
export function RouteBar({
  routes,
  shadow,
  size = "small",
}: {
  routes: readonly RouteShare[];
  /** Label of the shadow version, if there is one. */
  shadow?: string | undefined;
  size?: "small" | "large";
}) {
  const served = routes.filter((route) => route.share > 0);
  const sentence = served.map((route) => `${route.role} ${route.label} ${shareText(route.share)}`).join(", ");
  return (
    <div>
      <div
        className="route-bar"
        data-size={size}
        role="img"
        aria-label={`Traffic: ${sentence}${shadow ? `; shadow ${shadow} gets a copy` : ""}`}
      >
        {served.map((route) => (
          <span
            key={`${route.role} ${route.label}`}
            data-role={route.role}
            title={`${route.role} ${route.label} ${shareText(route.share)}`}
            style={{ ...swatchStyle(roleColors[route.role]), width: `${route.share * 100}%` }}
          >
            {segmentText(route, size)}
          </span>
        ))}
      </div>
      {shadow ? <div className="route-shadow" aria-hidden="true" /> : null}
    </div>
  );
}
