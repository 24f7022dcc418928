import type { LucideIcon } from "lucide-react";

/** A Lucide icon at the product's weight. Decorative: the word beside it carries the meaning. */
export function Icon({ of: Shape, size = 16 }: { of: LucideIcon; size?: number }) {
  return <Shape className="icon" size={size} strokeWidth={1.75} aria-hidden="true" />;
}
