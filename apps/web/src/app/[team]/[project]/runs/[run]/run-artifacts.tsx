"use client";

/** The files of a run. */
export function RunArtifacts({ ownerId }: { ownerId: string; live: boolean }) {
  return <p>{ownerId}</p>;
}
