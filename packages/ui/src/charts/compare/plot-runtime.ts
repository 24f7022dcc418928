/** What comparisons draw with: canvas alone, for they have many points. Loaded on demand. */
import { BoxplotChart, CustomChart, LineChart, ParallelChart, ScatterChart } from "echarts/charts";
import { GridComponent, ParallelComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([
  BoxplotChart,
  CustomChart,
  GridComponent,
  LineChart,
  ParallelChart,
  ParallelComponent,
  ScatterChart,
  CanvasRenderer,
]);

export { init };
