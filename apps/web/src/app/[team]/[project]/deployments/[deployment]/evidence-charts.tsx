"use client";

import {
  Cell,
  type ChartEvent,
  type ChartLimit,
  type ChartSeries,
  EvidenceChart,
  formatDifference,
  formatEvidence,
  Grid,
  Panel,
  PanelBody,
  type SeriesColor,
  TimeSeriesChart,
} from "@ballast/ui";
import { useMemo } from "react";
import { type Decision, inputOf, measured, type Rollout } from "./deployment-data";

/** The confidence sequence against its margin, and the guards' e-values against theirs. */
export function EvidenceCharts({ rollout, decisions }: { rollout: Rollout; decisions: readonly Decision[] }) {
  const past = useMemo(() => measured(decisions), [decisions]);
  const events = useMemo(() => stepEvents(rollout, decisions), [rollout, decisions]);
  // The narrow chart has no room for the words; the same lines stand in the wide one beside it with theirs.
  const unnamed = useMemo(() => events.map((event) => ({ ...event, label: "" })), [events]);
  return (
    <Grid>
      <Cell span={7}>
        <Quality rollout={rollout} past={past} events={events} />
      </Cell>
      <Cell span={5}>
        <Harm rollout={rollout} past={past} events={unnamed} />
      </Cell>
    </Grid>
  );
}

type Past = ReturnType<typeof measured>;

/** Where the exposure changed. */
function stepEvents({ plan }: Rollout, decisions: readonly Decision[]): ChartEvent[] {
  return decisions.flatMap((decision) => {
    if (decision.eventTime === null) return [];
    const x = +decision.eventTime;
    if (decision.decision === "promote") return [{ x, label: "promoted" }];
    if (decision.decision === "roll_back") return [{ x, label: "rolled back", tone: "breach" as const }];
    if (decision.decision === "start_canary") return [{ x, label: `${plan.steps[0]?.percent ?? 0} %` }];
    return decision.decision === "advance" ? [{ x, label: `${inputOf(decision, "percent") ?? ""} %` }] : [];
  });
}

function Quality({ rollout, past, events }: { rollout: Rollout; past: Past; events: readonly ChartEvent[] }) {
  const { plan, evidence } = rollout;
  const points = useMemo(
    () =>
      past.flatMap((decision) => {
        const y = inputOf(decision, "meanBrierDifference");
        if (y === null) return [];
        const low = inputOf(decision, "lower") ?? undefined;
        const high = inputOf(decision, "upper") ?? undefined;
        return [{ x: +decision.eventTime, y, low, high, n: inputOf(decision, "pairedRows") ?? undefined }];
      }),
    [past],
  );
  const margins = useMemo(() => [plan.margin], [plan.margin]);
  const yRange = useMemo(() => tellingRange(points, plan.margin), [points, plan.margin]);
  const quality = evidence.quality;
  return (
    <Panel title="Brier score" note="lower is better; each matured day is one observation">
      <PanelBody>
        {points.length === 0 || !quality ? (
          <p className="muted small">The first point is drawn when a day both versions scored has matured.</p>
        ) : (
          <>
            <EvidenceChart
              kind="confidence-sequence"
              title="Brier difference, candidate − champion"
              summary={`After ${quality.days} days the difference is ${formatDifference(quality.mean, 5)}, between ${formatDifference(quality.lower, 4)} and ${formatDifference(quality.upper, 4)}; the margin is ${formatDifference(plan.margin, 4)}.`}
              unit="Brier difference, candidate − champion"
              points={points}
              confidence={1 - plan.alpha.quality}
              margins={margins}
              harm="above"
              yRange={yRange}
              events={events}
            />
            <p className="muted small mt-2">
              Evidence that it is not worse by the margin: E = {formatEvidence(quality.eNonInferior)}, proof at{" "}
              {formatEvidence(1 / plan.alpha.quality)}. The band is anytime-valid: it may be looked at every day.
            </p>
          </>
        )}
      </PanelBody>
    </Panel>
  );
}

/** Ends of an axis whose ticks come out even. */
const ROUND_EDGES = [1, 2, 4, 6, 8, 10];

/**
 * The part of the axis that tells something: margin, estimates, and bounds that are bounds. A Brier difference lies between −1 and
 * 1, so a bound there only says that the days are too few.
 */
function tellingRange(
  points: readonly { y: number; low?: number | undefined; high?: number | undefined }[],
  margin: number,
): [number, number] {
  const bounds = points
    .flatMap(({ low, high }) => [low, high])
    .filter((bound) => bound !== undefined && Math.abs(bound) < 1);
  const values = [margin, ...points.map(({ y }) => y), ...(bounds as number[])].map(Math.abs);
  // Early bounds are wide: they may be cut at a few times what the estimates and the margin span.
  const span = Math.max(margin, ...points.map(({ y }) => Math.abs(y)));
  const edge = Math.min(Math.max(...values), 6 * span) * 1.15;
  const power = 10 ** Math.floor(Math.log10(edge));
  const rounded = (ROUND_EDGES.find((round) => round * power >= edge) ?? 10) * power;
  return [-rounded, rounded];
}

const LINES: readonly {
  id: string;
  label: string;
  input: string;
  color: SeriesColor;
  alpha: keyof Rollout["plan"]["alpha"];
}[] = [
  { id: "errors", label: "errors", input: "errorsE", color: "s1", alpha: "errors" },
  { id: "latency", label: "latency", input: "latencyE", color: "s3", alpha: "latency" },
  { id: "split", label: "split", input: "srmE", color: "s4", alpha: "srm" },
  { id: "harm", label: "Brier worse", input: "eHarm", color: "s2", alpha: "harm" },
];

function Harm({ rollout, past, events }: { rollout: Rollout; past: Past; events: readonly ChartEvent[] }) {
  const { alpha } = rollout.plan;
  const series = useMemo<ChartSeries[]>(
    () =>
      LINES.map(({ id, label, input, color }) => ({
        ...{ id, label, color },
        // A log axis has no place for zero: an e-value that underflowed is drawn at the foot.
        points: past.map((decision) => {
          const e = inputOf(decision, input);
          return { x: +decision.eventTime, y: e === null ? null : Math.max(e, 1e-3) };
        }),
      })),
    [past],
  );
  const limits = useMemo(() => boundariesOf(alpha), [alpha]);
  const lowest = Math.min(...limits.map(({ value }) => value));
  const harm = useMemo(() => ({ side: "above", of: lowest }) as const, [lowest]);
  const highest = Math.max(1, ...series.flatMap(({ points }) => points.map(({ y }) => y ?? 1)));
  return (
    <Panel title="Evidence of harm" note="a line that reaches its boundary ends the rollout">
      <PanelBody>
        {past.length < 2 ? (
          <p className="muted small">The lines are drawn from the second window of the rollout on.</p>
        ) : (
          <TimeSeriesChart
            title="Evidence of harm"
            summary={`The strongest evidence of harm was E = ${formatEvidence(highest)}; boundaries: ${limits.map(({ label }) => label).join(", ")}.`}
            unit="E-value, evidence of harm (log)"
            series={series}
            limits={limits}
            harm={harm}
            events={events}
            yScale="log"
            yRange={[0.1, 10 ** Math.ceil(Math.log10(1.5 * Math.max(highest, ...limits.map(({ value }) => value))))]}
            format={formatEvidence}
            formatTick={plainNumber}
          />
        )}
      </PanelBody>
    </Panel>
  );
}

const plainNumber = (value: number): string => value.toLocaleString("en-US");

/** One level per error share, named by the guards that are held against it. */
function boundariesOf(alpha: Rollout["plan"]["alpha"]): ChartLimit[] {
  const shares = [...new Set(LINES.map((line) => alpha[line.alpha]))];
  return shares.map((share) => {
    const names = LINES.filter((line) => alpha[line.alpha] === share).map(({ label }) => label);
    const who = names.length === LINES.length ? "roll back" : names.join(", ");
    return { value: 1 / share, label: `${who}: ${formatEvidence(1 / share)}` };
  });
}
