/** Inputs that take no letters: a key pressed on them is free to mean something. */
const NO_TEXT = /^(button|checkbox|color|file|image|radio|range|reset|submit)$/;

/** True where a key press writes into what has the focus. */
export function takesText({ tagName, type }: { tagName: string; type?: string | undefined }): boolean {
  if (tagName === "INPUT") return !NO_TEXT.test(type ?? "text");
  return tagName === "TEXTAREA" || tagName === "SELECT";
}

/** True while somebody types into the target of a key press. */
export const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    takesText({ tagName: target.tagName, type: target instanceof HTMLInputElement ? target.type : undefined }));
