/** Width of a character of 11 px text, on average, in pixels. */
const CHARACTER = 5.7;
/** From an event's centre to its label. */
const OFFSET = 10;

export interface LabelPlace {
  x: number;
  anchor: "start" | "end";
}

/**
 * Places labels beside their events, right of the glyph, or left of it where the right side is taken or ends. A label
 * that would touch another glyph, label or span, or the lane's end, is left out (undefined at its index).
 */
export function placeLabels(
  events: readonly { x: number; text: string }[],
  spans: readonly { from: number; to: number }[],
  lane: { left: number; right: number },
): (LabelPlace | undefined)[] {
  const taken: { from: number; to: number; event?: number }[] = [
    ...spans.map(({ from, to }) => ({ from, to })),
    ...events.map(({ x }, event) => ({ from: x - 7, to: x + 7, event })),
  ];
  const isFree = (from: number, to: number, event: number): boolean =>
    from >= lane.left &&
    to <= lane.right &&
    !taken.some((box) => box.event !== event && box.from < to && box.to > from);
  return events.map(({ x, text }, event) => {
    const width = text.length * CHARACTER;
    if (isFree(x + OFFSET, x + OFFSET + width, event)) {
      taken.push({ from: x + OFFSET, to: x + OFFSET + width });
      return { x: x + OFFSET, anchor: "start" };
    }
    if (isFree(x - OFFSET - width, x - OFFSET, event)) {
      taken.push({ from: x - OFFSET - width, to: x - OFFSET });
      return { x: x - OFFSET, anchor: "end" };
    }
    return undefined;
  });
}
