"use client";

import { useEffect } from "react";

/** What stands behind `#` is the browser's alone: it goes on as a parameter, which survives signing in. */
export function HashReader() {
  useEffect(() => {
    const { hash } = window.location;
    window.location.replace(hash.length > 1 ? `/go?to=${encodeURIComponent(hash)}` : "/");
  }, []);
  return <p className="secondary">Looking for the page of this link…</p>;
}
