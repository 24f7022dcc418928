import { readEnv } from "./env.ts";

const LEVELS = { debug: 10, info: 20, warn: 30, error: 40, silent: 99 } as const;
export type LogLevel = Exclude<keyof typeof LEVELS, "silent">;

export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

function serialise(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return { message: value.message, stack: value.stack, ...(value.cause ? { cause: serialise(value.cause) } : {}) };
}

/** A logger that writes one JSON object a line to standard error. */
export function createLogger(name: string): Logger {
  const least = LEVELS[readEnv().BALLAST_LOG];
  const write = (level: LogLevel, message: string, fields: Record<string, unknown> = {}) => {
    if (LEVELS[level] < least) return;
    const entries = Object.entries(fields).map(([key, value]) => [key, serialise(value)]);
    process.stderr.write(
      `${JSON.stringify({ at: new Date().toISOString(), level, name, message, ...Object.fromEntries(entries) })}\n`,
    );
  };
  return {
    debug: (m, f) => write("debug", m, f),
    info: (m, f) => write("info", m, f),
    warn: (m, f) => write("warn", m, f),
    error: (m, f) => write("error", m, f),
  };
}
