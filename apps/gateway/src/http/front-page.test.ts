import { createHash } from "node:crypto";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { frontPage } from "./front-page.ts";

/** The page's script, run as a browser would at an address that ends in `hash`; answers where it goes. */
function follow(html: string, hash: string): { went: string | null; link: string } {
  const [, href = ""] = /<a id="web" href="([^"]*)"/.exec(html) ?? [];
  const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  const link = { href };
  let went: string | null = null;
  const location = { hash, replace: (to: string) => (went = to) };
  runInNewContext(script, {
    document: { getElementById: (id: string) => (id === "web" ? link : null) },
    location,
    URL,
  });
  return { went, link: link.href };
}

test("a link that MLflow's clients print goes to the web app with all that stands behind #", () => {
  const { html } = frontPage("http://127.0.0.1:7300");
  const hash = "#/experiments/exp_1/runs/run_1";
  expect(follow(html, hash).went).toBe(`http://127.0.0.1:7300/go${hash}`);
  // Somebody who merely opens the gateway is told, not sent.
  expect(follow(html, "")).toEqual({ went: null, link: "http://127.0.0.1:7300/" });
  expect(follow(frontPage("https://ml.example/ballast").html, "#/models/a").went).toBe(
    "https://ml.example/ballast/go#/models/a",
  );
  // What stands behind # cannot choose the host.
  expect(follow(html, "#//evil.example/").went).toBe("http://127.0.0.1:7300/go#//evil.example/");
});

test("the policy allows exactly the page's own script", () => {
  const { html, headers } = frontPage("http://127.0.0.1:7300");
  const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  const digest = createHash("sha256").update(script).digest("base64");
  const policy = headers["Content-Security-Policy"];
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`script-src 'sha256-${digest}';`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(html.match(/<script/g)).toHaveLength(1);
  expect(html).not.toMatch(/<style|style=|<img|<link|onclick/);
});

test("an address is no HTML; without one there is no script and the page says where to look", () => {
  expect(frontPage('http://x/"><script>alert(1)</script>').html.match(/<script/g)).toHaveLength(1);
  const { html, headers } = frontPage(null);
  expect(html).not.toContain("<script");
  expect(html).toContain("npm start");
  expect(headers["Content-Security-Policy"]).toContain("script-src 'none'");
});
