"use client";

import { useToast } from "@ballast/ui";
import { useCallback } from "react";
import { requestIdOf } from "./request-id.ts";

/** Does what no dialog watches over: a button's act, an undo. A refusal or a failure is said in a toast, with the request's id. */
export function useAttempt(): (act: () => Promise<unknown>) => void {
  const { show } = useToast();
  return useCallback(
    (act) => {
      act().catch((error: unknown) => {
        const requestId = error instanceof Error ? requestIdOf(error) : undefined;
        const message = error instanceof Error ? error.message : String(error);
        show({ text: requestId ? `${message} Request ${requestId}` : message });
      });
    },
    [show],
  );
}
