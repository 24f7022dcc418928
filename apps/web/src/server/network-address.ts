import "server-only";

/** The caller's network address as Next.js or the proxy in front of it tells; a forged one meets the limits that count everybody. */
export function networkAddress(headers: Headers): string {
  return headers.get("x-forwarded-for")?.split(",")[0]?.trim() ?? "";
}
