"use client";

import { useEffect, useState } from "react";
import type { SeriesColor } from "../tone.ts";

/** The colours a chart is drawn from, read from the page's tokens. */
export interface ChartTheme {
  ink: string;
  ink2: string;
  ink3: string;
  line: string;
  lineStrong: string;
  surface: string;
  breach: string;
  breachText: string;
  healthy: string;
  healthyText: string;
  font: string;
  series: Readonly<Record<SeriesColor, string>>;
}

function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink"),
    ink2: token("ink-2"),
    ink3: token("ink-3"),
    line: token("line"),
    lineStrong: token("line-strong"),
    surface: token("surface"),
    breach: token("breach-solid"),
    breachText: token("breach"),
    healthy: token("healthy-solid"),
    healthyText: token("healthy"),
    font: getComputedStyle(document.body).fontFamily,
    series: {
      s1: token("s1"),
      s2: token("s2"),
      s3: token("s3"),
      s4: token("s4"),
      s5: token("s5"),
      s6: token("s6"),
      s7: token("s7"),
      s8: token("s8"),
      ink: token("ink"),
    },
  };
}

/** The theme in use, read again whenever `data-theme` changes. Undefined on the server and in the first render. */
export function useChartTheme(): ChartTheme | undefined {
  const [theme, setTheme] = useState<ChartTheme>();
  useEffect(() => {
    const update = (): void => setTheme(readTheme());
    update();
    const observer = new MutationObserver(update);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    return () => observer.disconnect();
  }, []);
  return theme;
}
