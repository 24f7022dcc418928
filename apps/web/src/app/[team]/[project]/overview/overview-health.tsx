"use client";

import {
  Button,
  type FigureItem,
  Figures,
  formatCount,
  formatDay,
  formatDecimal,
  formatRate,
  formatScore,
  Link,
  MISSING,
  Sparkline,
  Status,
  Verdict,
} from "@ballast/ui";
import { formatMicros } from "@/page/format-micros";
import { TickedText } from "@/page/ticked-text";
import { useProject } from "@/page/use-project";
import { openingOf } from "./opening";
import { brierLevel, countedDays, ERROR_LIMIT, newestTraffic, type ServingOverview } from "./overview-data";

/** The verdict and the figures strip. */
export function OverviewHealth({ overview }: { overview: ServingOverview }) {
  const { base } = useProject();
  const opening = openingOf(overview, base);
  return (
    <>
      <Verdict
        tone={opening.tone}
        headline={opening.headline}
        why={opening.why.map((sentence) => (
          <p key={sentence}>
            <TickedText text={sentence} />
          </p>
        ))}
        act={
          <p>
            <TickedText text={opening.act} />
          </p>
        }
        actions={
          opening.actions.length > 0
            ? opening.actions.map(({ label, href, primary }) => (
                <Button key={label} asChild variant={primary ? "primary" : "default"}>
                  <Link href={href}>{label}</Link>
                </Button>
              ))
            : undefined
        }
      />
      <Figures
        items={[...trafficFigures(overview), qualityFigure(overview), incidentFigure(overview), moneyFigure(overview)]}
      />
    </>
  );
}

function trafficFigures(overview: ServingOverview): FigureItem[] {
  const { deployment } = overview;
  const seen = countedDays(overview);
  const newest = newestTraffic(overview)?.day;
  if (!newest) {
    const note = "after the first complete day";
    return ["Predictions a day", "Latency p99", "Errors"].map((label) => ({ label, value: MISSING, slot: null, note }));
  }
  const { predictions, errors, p99Ms } = newest.tally;
  const day = formatDay(newest.from);
  const requests = predictions + errors;
  const rate = requests === 0 ? 0 : errors / requests;
  return [
    {
      label: `Predictions, ${day}`,
      value: formatCount(predictions),
      slot: <Sparkline values={seen.map(({ tally }) => tally.predictions)} width={112} />,
      note: `${formatCount(seen.length)} days shown`,
    },
    {
      label: `Latency p99, ${day}`,
      value: formatDecimal(p99Ms, p99Ms < 10 ? 2 : 1),
      unit: "ms",
      load: {
        value: p99Ms,
        limit: deployment.sloMs,
        label: `p99 ${formatDecimal(p99Ms, 2)} ms of ${deployment.sloMs} ms`,
      },
      note: `SLO ${deployment.sloMs} ms · n = ${formatCount(predictions)}`,
    },
    {
      label: `Errors, ${day}`,
      value: formatRate(rate),
      load: { value: rate, limit: ERROR_LIMIT, label: `${formatRate(rate)} of requests failed` },
      note: `limit 1 % · ${formatCount(errors)} of ${formatCount(requests)}`,
    },
  ];
}

function qualityFigure({ championDays }: ServingOverview): FigureItem {
  const level = brierLevel(championDays, 7);
  if (!level) return { label: "Brier score, 7 days", value: MISSING, slot: null, note: "after the first matured day" };
  const { champion, brier, n } = level;
  return {
    label: "Brier score, 7 days",
    value: formatScore(champion),
    load: {
      value: champion,
      limit: brier,
      label: `Brier ${formatScore(champion)}; the base rate alone scores ${formatScore(brier)}`,
    },
    note: `base rate alone ${formatScore(brier)} · n = ${formatCount(n)}`,
  };
}

function incidentFigure({ incidents, openIncidents }: ServingOverview): FigureItem {
  const [newest] = incidents;
  return {
    label: "Open incidents",
    value: formatCount(openIncidents),
    slot: (
      <span className="small">
        {newest ? (
          <Status tone="breach">{newest.kind.replaceAll("_", " ")}</Status>
        ) : (
          <Status tone="healthy">none</Status>
        )}
      </span>
    ),
    note: newest ? `since ${formatDay(newest.since)}` : "nothing waits for a person",
  };
}

function moneyFigure({ budget }: ServingOverview): FigureItem {
  if (!budget) return { label: "Budget", value: MISSING, slot: null, note: "none is set" };
  const { committedMicros, reservedMicros, limitMicros, currency, hard, forecast } = budget;
  const money = (micros: number) => formatMicros(micros, currency);
  const limited = limitMicros > 0;
  return {
    label: `Budget, ${hard ? "hard" : "soft"}`,
    value: money(committedMicros),
    ...(limited ? { unit: `of ${money(limitMicros)}` } : {}),
    load: {
      value: committedMicros,
      reserved: reservedMicros,
      ...(limited ? { limit: limitMicros } : {}),
      label: `${money(committedMicros)} of ${money(limitMicros)} committed`,
    },
    note: forecast.perDayMicros === null ? "nothing metered yet" : `${money(forecast.perDayMicros)} a day`,
  };
}
