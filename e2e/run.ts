import { strict as assert } from "node:assert";
import type { Page } from "playwright-core";
import { launchBrowser, seriousFindings } from "./browser.ts";
import { startInstallation, waitFor } from "./installation.ts";

/**
 * The whole journey in a real browser: a bare installation starts, somebody signs in and watches the loop close, looks at every page, makes a
 * token, uses it, and revokes it. `BALLAST_SHOTS=<folder>` keeps a picture of each page in both themes and widths.
 */
const START_LIMIT_MS = 300_000;
const CLOSE_LIMIT_MS = 480_000;
const PAGES = [
  "overview",
  "datasets",
  "features",
  "runs",
  "training",
  "models",
  "models/flight-late",
  "models/flight-late/v2",
  "models/flight-late/v2/card",
  "models/flight-late/compare?versions=1,2",
  "lineage",
  "deployments",
  "deployments/flight-late",
  "monitoring",
  "incidents",
  "costs",
  "audit",
  "trash",
  "settings/tokens",
  "settings/members",
  "settings/service-accounts",
  "settings/webhooks",
];
const TOKEN_LIMIT_MS = 10_000;

let failed = 0;
let passed = 0;
async function check(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    passed += 1;
    console.log(`✓ ${name}`);
  } catch (error) {
    failed += 1;
    console.error(`✗ ${name}\n  ${error instanceof Error ? error.message : String(error)}`);
  }
}

const installation = startInstallation(["--story", "short"]);
const found = (pattern: RegExp) => pattern.exec(installation.log());
const browser = await launchBrowser();
const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
const page = await context.newPage();
const problems: string[] = [];
page.on("pageerror", (error) => problems.push(error.message));
page.on("console", (message) => {
  if (message.type() === "error") problems.push(message.text());
});

async function see(where: string, shots: Page = page): Promise<void> {
  await shots.goto(where, { waitUntil: "domcontentloaded" });
  await shots.locator("h1").first().waitFor({ timeout: 30_000 });
  const { BALLAST_SHOTS } = process.env;
  if (BALLAST_SHOTS === undefined) return;
  const name = new URL(where).pathname.split("/").slice(3).join("-") || "home";
  await shots.waitForTimeout(1_500);
  for (const width of [1440, 390]) {
    for (const theme of ["light", "dark"]) {
      await shots.setViewportSize({ width, height: 1000 });
      await shots.evaluate((t) => document.documentElement.setAttribute("data-theme", t), theme);
      await shots.waitForTimeout(400);
      await shots.screenshot({ path: `${BALLAST_SHOTS}/${name}-${width}-${theme}.png`, fullPage: true });
    }
  }
  await shots.setViewportSize({ width: 1440, height: 1000 });
  await shots.evaluate(() => document.documentElement.setAttribute("data-theme", "light"));
  // Halfway between two themes a colour has no contrast with anything.
  await shots.evaluate(async () => {
    const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
    await Promise.allSettled(transitions.map((transition) => transition.finished));
  });
}

try {
  const [, web = ""] = await waitFor("the address to be printed", START_LIMIT_MS, () => found(/Ballast {3}(http\S+)/));
  const [, gateway = ""] = await waitFor("the gateway's address", 1_000, () => found(/Gateway {3}(http\S+)/));
  const [, email = "", password = ""] = await waitFor("the sign-in to be printed", 1_000, () =>
    found(/Sign in {3}(\S+) {2}· {2}(\S+)/),
  );
  const signIn = async (secret: string) => {
    await page.getByLabel(/e-?mail/i).fill(email);
    await page
      .getByLabel(/password/i)
      .first()
      .fill(secret);
    await page.getByRole("button", { name: /sign in/i }).click();
  };

  await check("a page asks a stranger to sign in, and a wrong password says so", async () => {
    await page.goto(`${web}/airline-ops/us-flights-2001/overview`);
    await page.waitForURL(/\/signin/);
    assert.deepEqual(await seriousFindings(page), []);
    await signIn("not the password");
    await page
      .getByText(/password/i)
      .filter({ hasText: /wrong|match|not/i })
      .first()
      .waitFor({ timeout: 10_000 });
  });

  await check("the right password leads back to the page", async () => {
    await signIn(password);
    await page.waitForURL(/\/airline-ops\/us-flights-2001/, { timeout: 30_000 });
    await page.locator("h1").first().waitFor();
  });

  const home = `${web}/airline-ops/us-flights-2001`;
  await check("event time moves on the page without a reload", async () => {
    await page.goto(`${home}/overview`);
    const eventTime = async () => /\d{1,2} \w{3} 2001/.exec(await page.locator("header").first().innerText())?.[0];
    const first = await waitFor("an event time on the page", CLOSE_LIMIT_MS, eventTime);
    await waitFor("a later event time", CLOSE_LIMIT_MS, async () => (await eventTime()) !== first);
  });

  await check("the loop closes", async () => {
    await waitFor("the loop to close", CLOSE_LIMIT_MS, () => found(/The loop has closed|did not close: .*/));
    assert.match(installation.log(), /The loop has closed/, installation.log().slice(-2_000));
  });

  await page.goto(`${home}/runs`);
  const [first = "", second = ""] = await waitFor("two runs on the page", 30_000, async () => {
    const ids = new Set((await page.content()).match(/run_[0-9a-z]{19}/g));
    return ids.size > 1 ? [...ids] : null;
  });
  for (const where of [...PAGES, `runs/${first}`, `runs/compare?runs=${first},${second}`]) {
    await check(`${where}: readable, as wide as a phone, no error, nothing serious from axe`, async () => {
      problems.length = 0;
      await see(`${home}/${where}`);
      await page.waitForLoadState("load");
      assert.deepEqual(await seriousFindings(page), []);
      await page.setViewportSize({ width: 390, height: 1000 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      await page.setViewportSize({ width: 1440, height: 1000 });
      assert.ok(wide <= 390, `at 390 px the page is ${wide} px wide`);
      assert.deepEqual(problems, []);
    });
  }

  await check("the pages tell what happened", async () => {
    const shows = async (where: string, pattern: RegExp) => {
      await page.goto(`${home}/${where}`);
      await page.getByText(pattern).first().waitFor({ timeout: 15_000 });
    };
    await shows("incidents", /kilometre/);
    await shows("deployments/flight-late", /rolled back/i);
    await shows("costs", /refused/i);
    await shows("monitoring", /distance/);
  });

  await check("a token made on the page works until it is revoked there", async () => {
    await page.goto(`${home}/settings/tokens`);
    await page
      .getByRole("button", { name: /(create|new) token/i })
      .first()
      .click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(/name/i).first().fill("journey");
    await dialog.getByRole("checkbox", { name: /project\.read/ }).check();
    await dialog.getByRole("button", { name: /create/i }).click();
    const token = await waitFor(
      "the token to be shown",
      10_000,
      async () =>
        /blst_[0-9a-f]{40}/.exec(await page.locator("body").innerText())?.[0] ??
        (await page
          .locator("input")
          .evaluateAll((all) => all.map((i) => (i as HTMLInputElement).value).find((v) => v.startsWith("blst_")))),
    );
    const ask = async () =>
      (await fetch(`${gateway}/metrics`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await ask(), 200);
    await page.goto(`${home}/settings/tokens`);
    const row = page.getByRole("row").filter({ hasText: "journey" });
    await row.getByRole("button", { name: /revoke/i }).click();
    const asked = page.getByRole("dialog").or(page.getByRole("alertdialog"));
    await asked.getByRole("textbox").fill("journey");
    await asked.getByRole("button", { name: /revoke/i }).click();
    await waitFor("the token to be refused", TOKEN_LIMIT_MS, async () => (await ask()) === 401);
  });
} finally {
  await browser.close();
  await installation.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
