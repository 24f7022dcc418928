"use client";

import { usePathname, useSearchParams } from "next/navigation";
import { useCallback } from "react";
import { type UrlChanges, withChanges } from "./url-changes.ts";

export type { UrlChanges } from "./url-changes.ts";

/**
 * Filters, ranges, tabs and selections of a page: they live in the URL and nowhere else. `set` changes the address without asking
 * the server for the page again; `push` makes the change a step that Back takes back.
 */
export function useUrlState() {
  const params = useSearchParams();
  const pathname = usePathname();
  const href = useCallback((changes: UrlChanges) => withChanges(pathname, params, changes), [pathname, params]);
  const set = useCallback(
    (changes: UrlChanges, { push = false } = {}) => {
      // The address as it is now, not as it was drawn: two changes in one moment must not undo each other.
      const address = withChanges(pathname, new URLSearchParams(window.location.search), changes);
      if (push) window.history.pushState(null, "", address);
      else window.history.replaceState(null, "", address);
    },
    [pathname],
  );
  return { params, href, set };
}
