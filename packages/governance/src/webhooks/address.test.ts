import { expect, test } from "vitest";
import { checkWebhookUrl, isPublicAddress, publicLookup } from "./address.ts";

test.each([
  ["93.184.216.34", true],
  ["10.1.2.3", false],
  ["127.0.0.53", false],
  ["169.254.169.254", false],
  ["172.31.255.255", false],
  ["172.32.0.1", true],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["255.255.255.255", false],
  ["::1", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:8.8.8.8", false],
  ["fe80::1", false],
  ["fd00::1", false],
  ["64:ff9b::7f00:1", false],
  ["2002:7f00:1::", false],
  ["2606:4700:4700::1111", true],
  ["not an address", false],
])("%s is public: %s", (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});

test.each([
  ["http://example.com/hook", "https"],
  ["ftp://example.com", "https"],
  ["nonsense", "no address"],
  ["https://user:pass@example.com/", "user name"],
  ["https://localhost/", "private"],
  ["https://a.localhost/", "private"],
  ["https://127.0.0.1/", "private"],
  // Ways to write 127.0.0.1 that a filter on text would miss.
  ["https://0x7f.1/", "private"],
  ["https://2130706433/", "private"],
  ["https://0177.0.0.1/", "private"],
  ["https://[::1]/", "private"],
  ["https://[::ffff:7f00:1]/", "private"],
  ["https://169.254.169.254/latest/meta-data", "private"],
])("%s is refused: %s", (address, reason) => {
  expect(() => checkWebhookUrl(address, [])).toThrow(reason);
});

test("an operator's list lets private and plain hosts in, by name or by name and port, and nothing else", () => {
  expect(checkWebhookUrl("http://127.0.0.1:9000/x#y", ["127.0.0.1"]).href).toBe("http://127.0.0.1:9000/x");
  expect(checkWebhookUrl("http://hooks.internal/", ["hooks.internal:80"]).hostname).toBe("hooks.internal");
  expect(() => checkWebhookUrl("http://127.0.0.1:9001/", ["127.0.0.1:9000"])).toThrow("https");
  expect(() => checkWebhookUrl("https://[::1]:8443/", ["127.0.0.1"])).toThrow("private");
  expect(checkWebhookUrl("https://example.com/hook?a=b", []).href).toBe("https://example.com/hook?a=b");
});

test("a name that resolves to a private address is not connected to", async () => {
  const error = await new Promise<Error | null>((resolve) => publicLookup("localhost", { all: true }, resolve));
  // Without the address: whoever makes a webhook must not map the network behind the server with it.
  expect(error?.message).toBe("localhost resolves to an address that is not on the public internet");
});
