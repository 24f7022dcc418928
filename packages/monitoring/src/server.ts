/** Services of monitoring: windows, the reference they are compared with, incidents, and what pages show. */
export { type BuiltReference, buildReference } from "./build-reference.ts";
export { type ClosedWindow, closeWindows } from "./close-windows.ts";
export type { MonitoringDeps } from "./deps.ts";
export { type Distribution, distribution } from "./distribution.ts";
export { type HeatMap, heatMap } from "./heat-map.ts";
export {
  acceptConversion,
  dismissIncident,
  getIncident,
  listIncidents,
  openUnitIncidents,
  withdrawConversion,
} from "./incidents.ts";
export { type MonitoringOverview, monitoringOverview, monitoringOverviews } from "./overview.ts";
export { type PerformanceSeries, performanceOverTime } from "./performance-series.ts";
export { processWindow } from "./process-window.ts";
export { listWindows } from "./windows.ts";
