import type { LineAxis } from "@ballast/ui";
import { metricWords } from "@/page/metric-words";
import type { AxisChoice } from "./compare-state";

/** What the axis of a choice is in. */
export function axisOf(choice: AxisChoice): { axis: LineAxis; label: string } {
  switch (choice) {
    case "step":
      return { axis: "step", label: "step" };
    case "time":
      return { axis: "time", label: "time, UTC" };
    case "relative":
      return { axis: "duration", label: "time since the run began" };
    default:
      return { axis: "value", label: metricWords(choice.slice("metric:".length)).label };
  }
}
