"use client";

import {
  type DistributionBin,
  DistributionChart,
  Facts,
  formatCount,
  formatDay,
  formatDecimal,
  formatPValue,
  formatShare,
  IconButton,
  MISSING,
  Panel,
  PanelBody,
} from "@ballast/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useMemo } from "react";
import { QueryView } from "@/page/query-view";
import { statisticLabel } from "@/page/statistic-words";
import { useProject } from "@/page/use-project";
import { useUrlState } from "@/page/use-url-state";
import { useTRPC } from "@/trpc/client";
import { besides, type Distribution, type HeatMapData, tooFewWords } from "./monitoring-data";

/** One column on one day against its reference: both distributions, and every test's answer with what it was held against. */
export function ColumnOnDay({
  name,
  map,
  cell,
}: {
  name: string;
  map: HeatMapData;
  cell: { column: string; day: string };
}) {
  const { scope } = useProject();
  const { set } = useUrlState();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.monitoring.distribution.queryOptions(
      { ...scope, deployment: name, column: cell.column, day: cell.day },
      { placeholderData: keepPreviousData },
    ),
  );
  const { before, after } = besides(map, cell);
  const go = (day: string | undefined) => (day === undefined ? undefined : () => set({ column: cell.column, day }));
  return (
    <Panel
      title={`${cell.column}, ${formatDay(cell.day)}`}
      actions={
        <>
          <IconButton
            icon={ChevronLeft}
            label="The day before"
            onClick={go(before)}
            aria-disabled={before === undefined}
          />
          <IconButton
            icon={ChevronRight}
            label="The day after"
            onClick={go(after)}
            aria-disabled={after === undefined}
          />
        </>
      }
    >
      <QueryView query={query} what="distributions" rows={8}>
        {(distribution) => <Picture distribution={distribution} />}
      </QueryView>
    </Panel>
  );
}

function Picture({ distribution }: { distribution: Distribution }) {
  const { reference, current, unit, column, day, kind } = distribution;
  const bins = useMemo(() => binsOf(distribution), [distribution]);
  return (
    <>
      <PanelBody>
        {bins.length > 0 ? (
          <DistributionChart
            title={`${column}${unit ? `, ${unit}` : ""}, as read`}
            summary={`${formatCount(current.n)} rows of ${formatDay(day)} against ${formatCount(reference.n)} of the reference.`}
            bins={bins}
            ordered={kind === "numeric"}
            reference={{
              label: `reference, ${reference.from.slice(0, 10)} to ${reference.to.slice(0, 10)}`,
              n: reference.n,
            }}
            current={{ label: formatDay(day, { year: true }), n: current.n }}
            height={170}
          />
        ) : (
          <p className="muted small">
            The reference was built anew since: its bins are others, so there is nothing to compare.
          </p>
        )}
      </PanelBody>
      <PanelBody>
        <Facts small rows={[...statisticRows(distribution), ...sideRows(distribution)]} />
        <TooFew statistics={distribution.statistics} />
      </PanelBody>
    </>
  );
}

/** Why there is no verdict, once for all tests that give none: they count the same rows but for the missing. */
function TooFew({ statistics }: Pick<Distribution, "statistics">) {
  const first = statistics.find(({ tooFewFor }) => tooFewFor !== null);
  if (first?.tooFewFor == null) return null;
  return <p className="muted small mt-2">{tooFewWords(first.n.current, first.tooFewFor)}.</p>;
}

type Row = readonly [string, React.ReactNode];

function statisticRows({ statistics }: Distribution): Row[] {
  return statistics.map(({ statistic, test, value, limit, qValue, tooFewFor, drifted }) => [
    statisticLabel({ statistic, test }, statistics),
    <span key={test}>
      <b>{formatDecimal(value, 3)}</b>{" "}
      <span className="muted">
        {tooFewFor !== null
          ? "no verdict"
          : limit === null
            ? `q ${formatPValue(qValue)}`
            : `limit ${formatDecimal(limit, 3)}`}
        {drifted ? (
          <span className="text-breach">
            {" "}
            ▽<span className="visually-hidden"> over the limit</span>
          </span>
        ) : null}
      </span>
    </span>,
  ]);
}

function sideRows({ reference, current }: Distribution): Row[] {
  const rows: Row[] = [];
  if (reference.mean !== null && current.mean !== null) {
    const ratio = reference.mean === 0 ? null : current.mean / reference.mean;
    rows.push([
      "Mean",
      <span key="mean">
        {short(reference.mean)} → {short(current.mean)}{" "}
        {ratio === null ? null : <span className="muted">× {formatDecimal(ratio, 3)}</span>}
      </span>,
    ]);
  }
  rows.push(["Missing", `${formatShare(reference.nullShare, 2)} → ${formatShare(current.nullShare, 2)}`]);
  return rows;
}

const short = (value: number | null): string =>
  value === null ? MISSING : formatDecimal(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4);

/** Reference quantile bins hold equal shares by construction, so the axis names their edges. */
function binsOf({ cells, kind }: Distribution): DistributionBin[] {
  const last = cells.length - 1;
  const every = Math.max(1, Math.ceil(cells.length / 5));
  return cells
    .filter((cell) => cell.kind !== "null" || cell.reference > 0 || cell.current > 0)
    .map((cell, index) => ({
      label:
        kind === "numeric" && cell.kind === "bin"
          ? `${edge(cell.low, "under")} to ${edge(cell.high, "over")}`
          : cell.label,
      ...(kind === "numeric" ? { tick: index > 0 && index < last && index % every === 0 ? short(cell.low) : "" } : {}),
      reference: cell.reference,
      current: cell.current,
    }));
}

const edge = (value: number | null, open: "under" | "over"): string =>
  value === null ? (open === "under" ? "lowest" : "highest") : short(value);
