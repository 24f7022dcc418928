/** Services of monitoring: windows, the reference they are compared with, incidents, and what pages show. */
export { type BuiltReference, buildReference } from "./build-reference.ts";
export { type ClosedWindow, closeWindows } from "./close-windows.ts";
export type { MonitoringDeps } from "./deps.ts";
export { type Distribution, type DistributionCell, type DistributionSide, distribution } from "./distribution.ts";
export { type HeatCell, type HeatMap, type HeatRow, heatMap } from "./heat-map.ts";
export {
  acceptConversion,
  type ConversionRecord,
  dismissIncident,
  getIncident,
  type Incident,
  listIncidents,
  openUnitIncidents,
  withdrawConversion,
} from "./incidents.ts";
export { markLateFiles, rowsToPay } from "./late-rows.ts";
export { type MonitoringOverview, monitoringOverview, monitoringOverviews } from "./overview.ts";
export { type PerformancePoint, type PerformanceSeries, performanceOverTime } from "./performance-series.ts";
export { processWindow } from "./process-window.ts";
export { listWindows } from "./windows.ts";
