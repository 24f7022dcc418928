"use client";

import { Link } from "@ballast/ui";
import { usePathname } from "next/navigation";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { pageOf, pagePath } from "./navigation.ts";

export interface TrailStep {
  label: string;
  /** Left out for the page itself. */
  href?: string;
}

const TrailContext = createContext<{ steps: readonly TrailStep[]; set: (steps: readonly TrailStep[]) => void }>({
  steps: [],
  set: () => {},
});

export function TrailProvider({ children }: { children: ReactNode }) {
  const [steps, set] = useState<readonly TrailStep[]>([]);
  const [value, setValue] = useState({ steps, set });
  if (value.steps !== steps) setValue({ steps, set });
  return <TrailContext.Provider value={value}>{children}</TrailContext.Provider>;
}

/** A page below a section says what comes after the section's name: `<TrailSteps steps={[{ label: "flight-late" }]} />`. */
export function TrailSteps({ steps }: { steps: readonly TrailStep[] }) {
  const { set } = useContext(TrailContext);
  const key = JSON.stringify(steps);
  useEffect(() => {
    set(JSON.parse(key) as TrailStep[]);
    return () => set([]);
  }, [key, set]);
  return null;
}

/** Where the reader is: section, then what the page added. */
export function Trail({ base }: { base: string }) {
  const pathname = usePathname();
  const { steps } = useContext(TrailContext);
  const page = pageOf(base, pathname);
  if (!page) return null;
  const all: TrailStep[] = [
    steps.length === 0 ? { label: page.label } : { label: page.label, href: pagePath(base, page) },
    ...steps,
  ];
  return (
    <nav aria-label="Trail" className="min-w-0">
      <ol className="trail">
        {all.map((step, index) => (
          <li key={step.href ?? step.label}>
            <span className="slash" aria-hidden="true">
              /
            </span>
            {step.href ? (
              <Link href={step.href}>{step.label}</Link>
            ) : (
              <span aria-current={index === all.length - 1 ? "page" : undefined}>{step.label}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
