import type { IncomingMessage } from "node:http";

const AUTHORIZATION = "authorization";

/** The header from the raw list: `request.headers` would lay out all of them for every request. */
export function authorizationOf(request: IncomingMessage): string | undefined {
  const raw = request.rawHeaders;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION) return raw[i + 1];
  }
  return undefined;
}

const MOST_REMEMBERED = 2_000;
const BASIC = /^Basic ([A-Za-z0-9+/=]+)$/i;
const TOKEN = /blst_[0-9a-f]{40}/;
const bearers = new Map<string, string>();

/** The header with a token that came as password (or user) of Basic authentication turned into a Bearer; any other as it is. */
export function asBearer(header: string | undefined): string | undefined {
  if (header === undefined || header.startsWith("Bearer ")) return header;
  const known = bearers.get(header);
  if (known !== undefined) return known;
  const [, encoded] = BASIC.exec(header) ?? [];
  if (encoded === undefined) return header;
  const [user = "", password = ""] = Buffer.from(encoded, "base64").toString("utf8").split(/:(.*)/s);
  const token = [password, user].find((one) => TOKEN.test(one));
  if (token === undefined) return header;
  if (bearers.size >= MOST_REMEMBERED) bearers.clear();
  bearers.set(header, `Bearer ${token}`);
  return `Bearer ${token}`;
}
