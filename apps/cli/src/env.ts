/** What the surroundings tell the command line. */
export const installMs = Number(process.env.BALLAST_INSTALL_MS ?? 0);
export const externalDatabaseUrl = process.env.DATABASE_URL;

/** The environment a child process gets: the caller's, less what belongs to other installations. */
export function childEnv(extra: Record<string, string>): Record<string, string> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    ...inherited,
    NEXT_TELEMETRY_DISABLED: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
    ...extra,
  };
}
