import { lookup } from "node:dns/promises";
import { BlockList, isIP, type LookupFunction } from "node:net";
import { AppError } from "@ballast/core";

/** Address blocks of the IANA special-purpose registries: none of them is a host on the public internet. */
const SPECIAL: [string, number, "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.88.99.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 4, "ipv4"],
  ["240.0.0.0", 4, "ipv4"],
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["3fff::", 20, "ipv6"],
];
const special = new BlockList();
for (const block of SPECIAL) special.addSubnet(...block);
/** Of IPv6 only this is given out as global unicast; mapped, translated and local addresses lie outside. */
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/** True for an IP address that is a host of the public internet, as far as an address can tell. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, "ipv4");
  return family === 6 && globalUnicast.check(address, "ipv6") && !special.check(address, "ipv6");
}

const bare = (hostname: string) => hostname.replace(/^\[|\]$/g, "").toLowerCase();

/** Whether the operator allows the address although it is private or plain http. */
export function isAllowedHost(url: URL, allowed: readonly string[]): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return allowed.includes(host) || allowed.includes(`${host}:${port}`);
}

const refuse = (message: string): never => {
  throw new AppError("invalid_input", `url: ${message}`, { details: { field: "url" } });
};

/**
 * The address of a webhook, checked as far as it can be without asking a name server: https (plain http only for hosts the operator
 * allows), no user name or password, no private address written out. @throws AppError `invalid_input` naming `url`
 */
export function checkWebhookUrl(text: string, allowed: readonly string[]): URL {
  const url = URL.parse(text) ?? refuse("is no address; write it as https://host/path.");
  if (url.protocol !== "https:" && url.protocol !== "http:") refuse("must start with https://.");
  if (url.username || url.password) refuse("holds a user name or password; use the signature, or a token in the path.");
  url.hash = "";
  if (isAllowedHost(url, allowed)) return url;
  if (url.protocol !== "https:")
    refuse("must start with https://. Plain http is only for hosts that the operator lists in BALLAST_WEBHOOK_HOSTS.");
  const host = bare(url.hostname);
  if (host === "localhost" || host.endsWith(".localhost") || (isIP(host) !== 0 && !isPublicAddress(host))) {
    refuse(`${host} is a private address, which only hosts listed in BALLAST_WEBHOOK_HOSTS may be.`);
  }
  return url;
}

/**
 * Resolves a host for the connection about to be made, and refuses when any of its addresses is private: the connection goes to what
 * was checked, so a name that changes its mind in between gains nothing.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }).then(
    (addresses) => {
      const hidden = addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (hidden || !first) {
        // Not which address: the answer is shown to whoever made the webhook, and would map the network behind the server.
        const found = hidden ? "an address that is not on the public internet" : "nothing";
        const reason = `${hostname} resolves to ${found}`;
        callback(new Error(reason), "");
      } else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    },
    (error: NodeJS.ErrnoException) => callback(error, ""),
  );
};
