"use client";

import { useMemo } from "react";
import { formatCount, formatShare } from "../format.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { useChartTheme } from "./chart-theme.ts";
import { type DistributionBin, distributionOption } from "./distribution-option.ts";
import { EChart } from "./echart.tsx";

const shareTick = (share: number): string => formatShare(share, 0);

export interface DistributionChartProps {
  title: string;
  /** One sentence: the text alternative. */
  summary: string;
  /** In order for numbers; largest first for categories. Reference quantile bins with a null cell at the end. */
  bins: readonly DistributionBin[];
  /** True for numeric bins, false for categories. */
  ordered: boolean;
  reference: { label: string; n: number };
  current: { label: string; n: number };
  height?: number;
}

/** How one feature is spread now, against its reference: reference is grey fill, current an s1 line. Shares of rows. */
export function DistributionChart({
  title,
  summary,
  bins,
  ordered,
  reference,
  current,
  height = 180,
}: DistributionChartProps) {
  const theme = useChartTheme();
  const option = useMemo(
    () => (theme ? distributionOption(bins, { ordered, format: shareTick }, theme) : undefined),
    [theme, bins, ordered],
  );
  const positions = useMemo(() => bins.map((_, index) => index), [bins]);
  const referenceName = `${reference.label}, n = ${formatCount(reference.n)}`;
  const currentName = `${current.label}, n = ${formatCount(current.n)}`;
  return (
    <ChartFrame
      title={title}
      unit="share of rows"
      height={height}
      legend={[
        { label: referenceName, color: "var(--line-strong)", kind: "fill" },
        { label: currentName, color: "var(--s1)" },
      ]}
      table={() => ({
        head: ["Bin", referenceName, currentName],
        rows: bins.map((bin, x) => ({ x, cells: [bin.label, formatShare(bin.reference), formatShare(bin.current)] })),
      })}
    >
      <EChart
        option={option}
        height={height}
        label={`${title}. ${summary}`}
        points={bins.length * 2}
        positions={positions}
        readingAt={(x) => ({
          title: bins[x]?.label ?? "",
          lines: [
            { label: reference.label, color: "var(--line-strong)", text: formatShare(bins[x]?.reference) },
            { label: current.label, color: "var(--s1)", text: formatShare(bins[x]?.current) },
          ],
        })}
      />
    </ChartFrame>
  );
}
