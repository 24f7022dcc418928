/** The path to go back to after signing in: one of ours, or the root. An address of another site never passes. */
export function safeReturnPath(candidate: string | null | undefined): string {
  if (!candidate?.startsWith("/") || /^\/[/\\]/.test(candidate)) return "/";
  const base = "http://ballast.invalid";
  if (!URL.canParse(candidate, base)) return "/";
  const url = new URL(candidate, base);
  return url.origin === base ? `${url.pathname}${url.search}${url.hash}` : "/";
}
