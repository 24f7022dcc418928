/** What can lie in the trash. */
export const TRASH_KINDS = ["experiment", "run", "logged_model", "model", "model_version"] as const;
/** As many as one look lists once it is narrowed down. */
const MOST = 200;
/** Clean-ups that are listed. */
export const REPORTS_SHOWN = 10;

/** What the address narrows the trash to. */
export function trashQuery(params: URLSearchParams) {
  const kind = TRASH_KINDS.find((one) => one === params.get("kind"));
  const search = params.get("q") || undefined;
  return kind || search ? { kinds: kind ? [kind] : undefined, search, limit: MOST } : {};
}
