/** Holds "light" or "dark" once somebody has chosen; without it the system decides. */
export const THEME_COOKIE = "ballast-theme";
/** Holds "collapsed" while the side bar is narrow. */
export const NAV_COOKIE = "ballast-nav";

/** Sets the system's theme before the first paint, so that nothing flashes. */
export const preferredThemeScript =
  "document.documentElement.dataset.theme=matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'";

const YEAR_SECONDS = 31_536_000;

function remember(name: string, value: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and over plain http
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}

/** Switches between light and dark and remembers it. */
export function toggleTheme(): void {
  const root = document.documentElement;
  const next = root.dataset.theme === "dark" ? "light" : "dark";
  root.dataset.theme = next;
  remember(THEME_COOKIE, next);
}

/** Narrows or widens the side bar and remembers it. */
export function toggleNavigation(): void {
  const root = document.documentElement;
  const collapsed = root.dataset.nav === "collapsed";
  if (collapsed) delete root.dataset.nav;
  else root.dataset.nav = "collapsed";
  remember(NAV_COOKIE, collapsed ? "" : "collapsed");
}
