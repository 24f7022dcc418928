import { RoleChip } from "@ballast/ui";

/** What a version is to its deployments: champion, candidate, shadow. */
export function AliasChip({ alias }: { alias: string }) {
  if (alias === "champion" || alias === "candidate" || alias === "shadow") return <RoleChip role={alias} />;
  return <span className="tag">{alias}</span>;
}
