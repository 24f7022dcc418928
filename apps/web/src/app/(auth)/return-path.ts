const OURS = "http://ballast.invalid";

/**
 * The path to go back to after signing in: one of ours, or the root. An address of another site never passes: what counts is
 * where the path leads once it is normalised, as dot segments before a second slash fall away only then.
 */
export function safeReturnPath(candidate: string | null | undefined): string {
  if (!candidate?.startsWith("/") || !URL.canParse(candidate, OURS)) return "/";
  const { origin, pathname, search, hash } = new URL(candidate, OURS);
  return origin === OURS && !pathname.startsWith("//") ? `${pathname}${search}${hash}` : "/";
}
