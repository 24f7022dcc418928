import { surroundings } from "./env.ts";

/** How a client reaches an installation. Everything has a default; `url` and `token` come from the environment. */
export interface ClientOptions {
  /** Where the web app listens; else `BALLAST_URL`, else `http://127.0.0.1:7300`. */
  url?: string;
  /** An API token, `blst_…`; else `BALLAST_TOKEN`. */
  token?: string;
  /** Slugs that every call names unless it names others. A token implies both: they are for sessions that are not a token's. */
  team?: string;
  project?: string;
  /** Further attempts after a failure that may pass; 4 where left out, 0 for none. */
  retries?: number;
  /** Milliseconds until an attempt is given up; 60,000 where left out. */
  timeoutMs?: number;
  /** Sent with every request, for what stands in front of an installation. */
  headers?: Readonly<Record<string, string>>;
}

export interface Settings {
  url: string;
  token: string | null;
  scope: { team?: string; project?: string };
  retries: number;
  timeoutMs: number;
  headers: Readonly<Record<string, string>>;
}

/** Options filled up from the environment. @throws TypeError naming the setting that is wrong */
export function settingsOf(options: ClientOptions, env = surroundings()): Settings {
  const url = (options.url ?? env.BALLAST_URL ?? "http://127.0.0.1:7300").replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(url))
    throw new TypeError(`url: "${url}" is no address. Set BALLAST_URL to one such as http://127.0.0.1:7300.`);
  const token = options.token ?? env.BALLAST_TOKEN ?? null;
  if (token !== null && !/^blst_[0-9a-f]{40}$/.test(token))
    throw new TypeError("token: an API token is blst_ and 40 hexadecimal digits. Copy BALLAST_TOKEN again.");
  const { retries = 4, timeoutMs = 60_000, headers = {} } = options;
  if (!Number.isInteger(retries) || retries < 0) throw new TypeError("retries: give 0 or a whole number above it.");
  if (!(timeoutMs > 0)) throw new TypeError("timeoutMs: give milliseconds above 0.");
  const scope = {
    ...(options.team === undefined ? {} : { team: options.team }),
    ...(options.project === undefined ? {} : { project: options.project }),
  };
  return { url, token, scope, retries, timeoutMs, headers };
}
