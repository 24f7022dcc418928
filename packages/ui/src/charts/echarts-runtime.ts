/** The parts of ECharts that the product draws with. Loaded on demand: a page without charts does not pay for them. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer, SVGRenderer } from "echarts/renderers";

use([BarChart, CustomChart, GridComponent, LineChart, TooltipComponent, CanvasRenderer, SVGRenderer]);

export { init };
