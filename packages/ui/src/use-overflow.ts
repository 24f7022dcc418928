import { type RefObject, useEffect, useState } from "react";

/** Whether an element's content does not fit it sideways: then the keyboard must be able to scroll it. */
export function useOverflow(element: RefObject<HTMLElement | null>): boolean {
  const [overflows, setOverflows] = useState(false);
  useEffect(() => {
    const outer = element.current;
    if (outer === null) return;
    const observer = new ResizeObserver(() => setOverflows(outer.scrollWidth > outer.clientWidth));
    observer.observe(outer);
    // The table grows with its rows, the frame around it does not.
    if (outer.firstElementChild) observer.observe(outer.firstElementChild);
    return () => observer.disconnect();
  }, [element]);
  return overflows;
}
