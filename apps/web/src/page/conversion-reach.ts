import type { Outputs } from "@/page/outputs";

/** Whose values a conversion turns back; null or missing for everybody's in the project. */
export type Reach = Outputs["monitoring"]["incident"]["conversions"][number]["appliesTo"] | undefined;

/** "requests to flight-late and rows pushed to flights" */
export function reachWords(reach: Reach, nameOf: (deploymentId: string) => string): string {
  if (!reach) return "every request and every pushed row of the project";
  const parts = [
    ...(reach.deployments.length > 0 ? [`requests to ${reach.deployments.map(nameOf).join(", ")}`] : []),
    ...(reach.sources.length > 0 ? [`rows pushed to ${reach.sources.join(", ")}`] : []),
  ];
  return parts.join(" and ");
}
