"use client";

/** A look at one file. */
export function PreviewPanel({ path }: { ownerId: string; path: string }) {
  return <p className="secondary">{path}</p>;
}
