"use client";

import { useParams } from "next/navigation";
import { useMemo } from "react";

/** The project that the address names, as procedures want it, and the address that its pages stand under. */
export function useProject(): { scope: { team: string; project: string }; base: string } {
  const { team, project } = useParams<{ team: string; project: string }>();
  return useMemo(() => ({ scope: { team, project }, base: `/${team}/${project}` }), [team, project]);
}
