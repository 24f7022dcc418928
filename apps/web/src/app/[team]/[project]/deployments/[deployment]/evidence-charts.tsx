"use client";

import {
  Cell,
  type ChartEvent,
  EvidenceChart,
  formatDifference,
  formatEvidence,
  Grid,
  Panel,
  PanelBody,
  type SeriesColor,
} from "@ballast/ui";
import { useMemo } from "react";
import { type Decision, inputOf, measured, type Rollout } from "./deployment-data";

/** The confidence sequence against its margin, and the guards' e-values against theirs. */
export function EvidenceCharts({ rollout, decisions }: { rollout: Rollout; decisions: readonly Decision[] }) {
  const past = useMemo(() => measured(decisions), [decisions]);
  const events = useMemo(() => stepEvents(decisions), [decisions]);
  return (
    <Grid>
      <Cell span={7}>
        <Quality rollout={rollout} past={past} events={events} />
      </Cell>
      <Cell span={5}>
        <Harm rollout={rollout} past={past} events={events} />
      </Cell>
    </Grid>
  );
}

type Past = ReturnType<typeof measured>;

/** Where the exposure changed. */
function stepEvents(decisions: readonly Decision[]): ChartEvent[] {
  return decisions.flatMap((decision) => {
    if (decision.eventTime === null) return [];
    const x = +decision.eventTime;
    if (decision.decision === "promote") return [{ x, label: "promoted" }];
    if (decision.decision === "roll_back") return [{ x, label: "rolled back", tone: "breach" as const }];
    if (decision.decision !== "start_canary" && decision.decision !== "advance") return [];
    return [{ x, label: `${inputOf(decision, "percent") ?? ""} %` }];
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
  const lines = useMemo(
    () =>
      // One boundary per chart: guards with another α stand in the table only.
      LINES.filter((line) => alpha[line.alpha] === alpha.errors).map(({ id, label, input, color }) => ({
        ...{ id, color },
        label,
        points: past.map((decision) => ({ x: +decision.eventTime, y: inputOf(decision, input) })),
      })),
    [past, alpha],
  );
  const highest = Math.max(...lines.map((line) => line.points.at(-1)?.y ?? 1));
  return (
    <Panel title="Evidence of harm" note={`ends the rollout where a line reaches ${formatEvidence(1 / alpha.errors)}`}>
      <PanelBody>
        {past.length < 2 ? (
          <p className="muted small">The lines are drawn from the second window of the rollout on.</p>
        ) : (
          <EvidenceChart
            kind="e-value"
            title="Evidence of harm"
            summary={`The strongest evidence of harm is E = ${formatEvidence(highest)}; the boundary is ${formatEvidence(1 / alpha.errors)}.`}
            lines={lines}
            alpha={alpha.errors}
            boundaryLabel="roll back"
            events={events}
          />
        )}
      </PanelBody>
    </Panel>
  );
}
