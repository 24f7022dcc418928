/** What a key press asks for. */
export type ShortcutAction =
  | { kind: "palette" }
  | { kind: "collapse" }
  | { kind: "help" }
  | { kind: "filter" }
  | { kind: "go"; key: string };

export interface KeyPress {
  key: string;
  meta: boolean;
  ctrl: boolean;
  alt: boolean;
  /** True while the caret is in a field: then only ⌘K counts. */
  typing: boolean;
  /** Milliseconds on any monotonic clock. */
  at: number;
}

/** How long after `g` the letter may follow. */
const SEQUENCE_MS = 1_000;

/**
 * Reads the frame's keys one press at a time: ⌘K or Ctrl K, `[`, `?`, `/`, and `g` followed by a letter. Returns what to
 * do, if anything, and the time of a `g` that waits for its letter.
 */
export function readShortcut(
  press: KeyPress,
  pendingSince: number | undefined,
): { action: ShortcutAction | undefined; pendingSince: number | undefined } {
  const none = { action: undefined, pendingSince: undefined };
  if ((press.meta || press.ctrl) && !press.alt && press.key.toLowerCase() === "k") {
    return { action: { kind: "palette" }, pendingSince: undefined };
  }
  if (press.typing || press.meta || press.ctrl || press.alt) return none;
  if (pendingSince !== undefined && press.at - pendingSince <= SEQUENCE_MS) {
    return /^[a-z]$/.test(press.key) ? { action: { kind: "go", key: press.key }, pendingSince: undefined } : none;
  }
  switch (press.key) {
    case "g":
      return { action: undefined, pendingSince: press.at };
    case "[":
      return { action: { kind: "collapse" }, pendingSince: undefined };
    case "?":
      return { action: { kind: "help" }, pendingSince: undefined };
    case "/":
      return { action: { kind: "filter" }, pendingSince: undefined };
    default:
      return none;
  }
}
