/** What the surroundings tell the command line. */
export const installMs = Number(process.env.BALLAST_INSTALL_MS ?? 0);
export const externalDatabaseUrl = process.env.DATABASE_URL;

/**
 * The environment a child process gets: the caller's, less the address of an external database. That is the owner's, whom no policy
 * binds; the children have their own role.
 */
export function childEnv(extra: Record<string, string>): Record<string, string> {
  const { DATABASE_URL: _, ...others } = process.env;
  const inherited = Object.fromEntries(
    Object.entries(others).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    ...inherited,
    NEXT_TELEMETRY_DISABLED: "1",
    TURBO_TELEMETRY_DISABLED: "1",
    NODE_ENV: "production",
    ...extra,
  };
}
