/** A view by its name: the query part of its address. */
export interface SavedView {
  name: string;
  query: string;
}

const NONE: readonly SavedView[] = [];
const MOST = 50;

function read(key: string): readonly SavedView[] {
  try {
    const kept: unknown = JSON.parse(window.localStorage.getItem(key) ?? "[]");
    if (!Array.isArray(kept)) return NONE;
    return kept.filter(
      (one): one is SavedView =>
        typeof one === "object" && one !== null && typeof one.name === "string" && typeof one.query === "string",
    );
  } catch {
    // What another hand wrote there, or a browser that keeps nothing: no views.
    return NONE;
  }
}

/** The views that this browser keeps of a project's runs. A link carries the same to somebody else. */
export function savedViews(project: string) {
  const key = `ballast.run-views.${project}`;
  const listeners = new Set<() => void>();
  let known: readonly SavedView[] | undefined;
  const list = (): readonly SavedView[] => {
    known ??= read(key);
    return known;
  };
  const write = (views: readonly SavedView[]): void => {
    known = views;
    try {
      window.localStorage.setItem(key, JSON.stringify(views));
    } catch {
      // Private windows refuse: the view lasts until the page is left.
    }
    for (const listener of listeners) listener();
  };
  return {
    list,
    none: () => NONE,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    save: (view: SavedView) => write([...list().filter(({ name }) => name !== view.name), view].slice(-MOST)),
    remove: (name: string) => write(list().filter((view) => view.name !== name)),
  };
}
