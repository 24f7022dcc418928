/** Charts of metrics: pyramids that the worker builds, and what is read of them. */
export { buildPyramids } from "./build-pyramids.ts";
export { type ChartInput, type ChartNumber, chartNumber, metricChart, type RunChart } from "./metric-chart.ts";
export { type SampledPoint, type SampleInput, sampleHistories } from "./sample-histories.ts";
