"use client";

import { formatCount, RelativeTime, Status } from "@ballast/ui";
import type { Outputs } from "@/page/outputs";

type Delivery = Outputs["webhook"]["deliveries"]["deliveries"][number];

/** How far a delivery has come. */
export function DeliveryStatus({ delivery }: { delivery: Pick<Delivery, "state" | "attempts" | "nextAttemptAt"> }) {
  if (delivery.state === "delivered") return <Status tone="healthy">delivered</Status>;
  if (delivery.state === "failed") return <Status tone="breach">given up</Status>;
  if (delivery.attempts === 0) return <Status tone="running">on its way</Status>;
  return (
    <Status tone="warning">
      tried {formatCount(delivery.attempts)}×, next <RelativeTime at={delivery.nextAttemptAt} />
    </Status>
  );
}
