"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

/** Reads what is on the page again: after an act of one's own, without waiting for the stream to tell of it. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(() => queries.invalidateQueries({ refetchType: "active" }), [queries]);
}
