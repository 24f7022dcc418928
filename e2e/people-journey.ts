import { strict as assert } from "node:assert";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { seriousFindings } from "./browser.ts";
import type { Claims } from "./identity-provider.ts";
import { waitFor } from "./installation.ts";

const PASSWORD = "correct horse battery staple";
const OWNER = { name: "Olga Owner", email: "olga@example.com" };
/** Who the identity provider knows, by the name they sign in with there. */
export const PEOPLE: Record<string, Claims> = {
  sam: { email: "Sam@Example.com", email_verified: true, name: "Sam Sign-on", groups: ["ml"] },
  olga: { email: OWNER.email, email_verified: true, name: "Olga at the provider" },
  una: { email: "una@example.com", email_verified: false, name: "Una Unverified" },
  fay: { email: "fay@elsewhere.org", email_verified: true, name: "Fay Foreign" },
};
export const PROVIDER_NAME = "Example sign-on";
export const DOMAINS = "example.com,example.net";

interface Journey {
  web: string;
  gateway: string;
  browser: Browser;
  check(name: string, work: () => Promise<void>): Promise<void>;
}

/** People come into a team by link and by identity provider, get roles, lose them; a program gets a name and loses it. */
export async function peopleJourney({ web, gateway, browser, check }: Journey): Promise<void> {
  const problems: string[] = [];
  const open = async (): Promise<Page> => {
    const context: BrowserContext = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => problems.push(error.message));
    return page;
  };
  const fill = async (page: Page, fields: Record<string, string>) => {
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  };
  const accessible = async (page: Page) => assert.deepEqual(await seriousFindings(page), []);
  const owner = await open();
  let home = "";
  let link = "";

  /** At the provider: a name, any password, then consent where it is asked for. */
  const signInAtProvider = async (page: Page, name: string) => {
    await page.locator("input[name=login]").fill(name);
    await page.locator("input[name=password]").fill("any");
    await page.locator("button[type=submit]").click();
    const consent = page.getByRole("button", { name: "Continue" });
    await Promise.race([consent.waitFor(), page.waitForURL(`${web}/**`)]);
    if (!page.url().startsWith(web)) await consent.click();
    await page.waitForURL(`${web}/**`);
  };
  const askProvider = (page: Page) => page.getByRole("button", { name: `Sign in with ${PROVIDER_NAME}` }).click();
  const invite = async (role: string, email = ""): Promise<string> => {
    await owner.goto(`${home}/settings/members`);
    await owner.getByRole("button", { name: "Invite…" }).click();
    const dialog = owner.getByRole("dialog");
    await dialog.getByLabel("Role").selectOption(role);
    await dialog.getByLabel("E-mail (optional)").fill(email);
    await dialog.getByRole("button", { name: "Make the link" }).click();
    const made = owner.getByText(/\/invite\/[\w-]{27}/).first();
    await made.waitFor();
    return /https?:\S+\/invite\/[\w-]{27}/.exec(await made.innerText())?.[0] ?? "";
  };

  await check("somebody signs up, and the page for people shows them as the last admin", async () => {
    await owner.goto(`${web}/signup`);
    await fill(owner, { "Your name": OWNER.name, "E-mail": OWNER.email, Password: PASSWORD });
    await fill(owner, { Team: "Night Shift", "First project": "Forecasts" });
    await owner.getByRole("button", { name: "Create account and team" }).click();
    await owner.waitForURL(/night-shift\/forecasts/);
    home = `${web}/night-shift/forecasts`;
    await owner.goto(`${home}/settings/members`);
    await owner.getByText("the last one").waitFor();
    await accessible(owner);
  });

  await check("an invitation link lets a new person in as an engineer, who may invite nobody", async () => {
    link = await invite("engineer");
    await accessible(owner);
    const page = await open();
    await page.goto(link);
    await page.getByRole("heading", { name: "Join Night Shift" }).waitFor();
    await accessible(page);
    await fill(page, { "Your name": "Edgar Engineer", "E-mail": "edgar@example.com", Password: "short" });
    await page.getByRole("button", { name: /Create account and join/ }).click();
    await page.getByText("Use at least 12 characters.").waitFor();
    await fill(page, { Password: PASSWORD });
    await page.getByRole("button", { name: /Create account and join/ }).click();
    await page.waitForURL(/night-shift\/forecasts/);
    await page.goto(`${home}/settings/members`);
    await page.getByText("Admins invite people and set roles.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Invite…" }).count(), 0);
    await page.goto(link);
    await page.getByText("was used already").waitFor();
    await page.context().close();
  });

  const sam = await open();
  await check("the identity provider signs somebody in, who is in no team yet", async () => {
    await sam.goto(`${web}/signin`);
    await accessible(sam);
    await askProvider(sam);
    await sam.locator("input[name=login]").waitFor();
    const asked = await sam.evaluate(() => performance.getEntriesByType("navigation").map((entry) => entry.name));
    assert.ok(asked.every((address) => !address.includes("client_secret")));
    await signInAtProvider(sam, "sam");
    await sam.waitForURL(/\/welcome/);
    await sam.getByText("sam@example.com").waitFor();
    await accessible(sam);
  });

  await check("and joins by a link that is bound to their address; for another address it is refused", async () => {
    const bound = await invite("viewer", "sam@example.com");
    await owner.goto(bound);
    await owner.getByRole("button", { name: "Join Night Shift" }).click();
    await owner.getByText("This invitation is for sam@example.com").waitFor();
    await sam.goto(bound);
    await sam.getByRole("button", { name: "Join Night Shift" }).click();
    await sam.waitForURL(/night-shift\/forecasts/);
    await sam.context().close();
  });

  await check("the provider's people are found again, and a password does not open their account", async () => {
    const page = await open();
    await page.goto(`${web}/signin?next=${encodeURIComponent("/night-shift/forecasts/audit")}`);
    await fill(page, { "E-mail": "sam@example.com", Password: PASSWORD });
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText("do not match").waitFor();
    await askProvider(page);
    await signInAtProvider(page, "sam");
    await page.waitForURL(/night-shift\/forecasts\/audit/);
    await page.getByText("invitation.accept").first().waitFor();
    await page.context().close();
  });

  await check("a viewer meets no control that would only be refused", async () => {
    const viewer = await open();
    await viewer.goto(`${web}/signin`);
    await askProvider(viewer);
    await signInAtProvider(viewer, "sam");
    const acts =
      /^(Set budget|Accept conversion|Not a unit|Withdraw|Try again|Give up|Pause|Resume|Promote|Roll back|End rollout|Request training|Sign its|Invite|New )/;
    const drawn = async (page: Page, where: string) => {
      await page.goto(`${home}/${where}`);
      await page.locator("h1").waitFor();
      await waitFor(`${where} to be read`, 30_000, async () => (await page.getByLabel(/^Loading/).count()) === 0);
      return page.getByRole("button", { name: acts }).allInnerTexts();
    };
    for (const where of ["overview", "deployments", "monitoring", "incidents", "training", "settings/tokens", "costs"])
      assert.deepEqual(await drawn(viewer, where), [], where);
    assert.deepEqual(await drawn(owner, "costs"), ["Set budget…"]);
    await viewer.context().close();
  });

  await check("an account with a password is connected once its password was given, and not before", async () => {
    const page = await open();
    await page.goto(`${web}/signin`);
    await askProvider(page);
    await signInAtProvider(page, "olga");
    await page.getByText("Enter its password once").waitFor();
    await accessible(page);
    await page.goto(`${home}/overview`);
    await page.waitForURL(/\/signin/);
    await page.goto(`${web}/signin?refused=password_first`);
    await fill(page, { "E-mail": OWNER.email, Password: PASSWORD });
    await page.getByRole("button", { name: `Sign in and connect with ${PROVIDER_NAME}` }).click();
    await page.waitForURL(/night-shift\/forecasts/);
    await page.context().clearCookies({ name: /^authjs/ });
    await page.goto(`${web}/signin`);
    await askProvider(page);
    await page.waitForURL(/night-shift\/forecasts/);
    await page.context().close();
  });

  for (const [name, words] of [
    ["una", "has not verified your e-mail address"],
    ["fay", "Only addresses of example.com, example.net are let in"],
  ] as const) {
    await check(`${PEOPLE[name]?.name} is not let in, and told why`, async () => {
      const page = await open();
      await page.goto(`${web}/signin`);
      await askProvider(page);
      await signInAtProvider(page, name);
      await page.getByText(words).waitFor();
      await page.goto(`${web}/welcome`);
      await page.waitForURL(/\/signin/);
      await page.context().close();
    });
  }

  await check("a callback that nobody here asked for opens no session", async () => {
    const page = await open();
    await page.goto(`${web}/signin`);
    await askProvider(page);
    await page.locator("input[name=login]").waitFor();
    await page.goto(`${web}/api/auth/callback/oidc?code=stolen&state=forged&iss=x`);
    await page.goto(`${web}/welcome`);
    await page.waitForURL(/\/signin/);
    await page.context().close();
  });

  await check("a service account's token calls the API under its name until the account is disabled", async () => {
    await owner.goto(`${home}/settings/service-accounts`);
    await accessible(owner);
    await owner.getByRole("button", { name: "New service account…" }).click();
    const dialog = owner.getByRole("dialog");
    await dialog.getByLabel("Name", { exact: true }).fill("nightly");
    await dialog.getByRole("checkbox", { name: /audit\.read/ }).check();
    await accessible(owner);
    await dialog.getByRole("button", { name: /^Create with/ }).click();
    await owner.getByRole("row").filter({ hasText: "nightly" }).waitFor();
    await owner.goto(`${home}/settings/tokens`);
    await owner.getByRole("button", { name: /New token/ }).click();
    await dialog.getByLabel("Name", { exact: true }).fill("cron");
    await dialog.getByLabel("Acts as").selectOption({ label: "nightly" });
    await dialog.getByRole("checkbox", { name: /audit\.read/ }).check();
    await dialog.getByRole("button", { name: /^Create token/ }).click();
    const shown = owner.getByText(/^blst_[0-9a-f]{40}$/).first();
    await shown.waitFor();
    const token = await shown.innerText();
    const ask = async () =>
      (await fetch(`${web}/api/v1/audit.list?limit=1`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await ask(), 200);
    await owner.goto(`${home}/settings/service-accounts`);
    const row = owner.getByRole("row").filter({ hasText: "nightly" });
    await row.getByRole("button", { name: "Disable nightly…" }).click();
    await owner.getByRole("dialog").getByRole("button", { name: "Disable account" }).click();
    await waitFor("the token to be refused", 10_000, async () => (await ask()) === 401);
    await row.getByText("disabled").first().waitFor();
    await accessible(owner);
  });

  await check("a run's link as MLflow's clients print it asks who one is and leads to the run's page", async () => {
    const made = await owner.request.post(`${web}/api/v1/experiment.startRun`, {
      data: { team: "night-shift", project: "forecasts", experiment: "linked", name: "linked run" },
    });
    const run = (await made.json()) as { id: string; experimentId: string };
    const stranger = await open();
    await stranger.goto(`${gateway}/#/experiments/${run.experimentId}/runs/${run.id}`, { waitUntil: "commit" });
    await stranger.waitForURL(/\/signin/);
    await fill(stranger, { "E-mail": OWNER.email, Password: PASSWORD });
    await stranger.getByRole("button", { name: "Sign in", exact: true }).click();
    await stranger.waitForURL(`${home}/runs/${run.id}`);
    await stranger.getByRole("heading", { name: "linked run" }).waitFor();
    // Signed in, the link of the experiment leads to its runs; one to nowhere is not found.
    await stranger.goto(`${gateway}/#/experiments/${run.experimentId}`, { waitUntil: "commit" });
    await stranger.waitForURL(`${home}/runs?experiment=${run.experimentId}`);
    await stranger.goto(`${gateway}/#/experiments/0/runs/run_nowhere`, { waitUntil: "commit" });
    await stranger.getByText("There is nothing at this address").waitFor();
    await stranger.context().close();
  });

  await check("a run is moved to a project that is made for it, and the message leads to it there", async () => {
    const call = async (procedure: string, data: object) => {
      const where = { team: "night-shift", project: "forecasts" };
      return (
        await owner.request.post(`${web}/api/v1/experiment.${procedure}`, { data: { ...where, ...data } })
      ).json();
    };
    const { id } = (await call("startRun", { experiment: "linked", name: "old run" })) as { id: string };
    await call("finishRun", { runId: id, state: "finished" });
    await owner.goto(`${home}/runs/${id}`);
    await owner.getByRole("button", { name: "Move or copy…" }).click();
    await owner.getByLabel("Name of the new project").fill("Archive");
    await accessible(owner);
    await owner.getByRole("button", { name: "Move run", exact: true }).click();
    await owner.getByRole("link", { name: "Open", exact: true }).click();
    await owner.waitForURL(`${web}/night-shift/archive/runs/${id}`);
    await owner.getByRole("heading", { name: "old run" }).waitFor();
  });

  await check("a member's role is changed and the member removed", async () => {
    await owner.goto(`${home}/settings/members`);
    await owner.getByRole("button", { name: "Change role of Edgar Engineer…" }).click();
    const dialog = owner.getByRole("dialog");
    await dialog.getByLabel("Role").selectOption("approver");
    await dialog.getByRole("button", { name: "Make approver" }).click();
    const row = owner.getByRole("row").filter({ hasText: "Edgar Engineer" });
    await row.getByText("approver").waitFor();
    await row.getByRole("button", { name: "Remove Edgar Engineer…" }).click();
    await owner.getByRole("dialog").getByRole("button", { name: "Remove from the team" }).click();
    await row.waitFor({ state: "detached" });
  });

  for (const where of ["settings/members", "settings/service-accounts", "settings/tokens"]) {
    await check(`${where}: nothing serious from axe on a phone, dark`, async () => {
      await owner.setViewportSize({ width: 390, height: 844 });
      await owner.goto(`${home}/${where}`);
      await owner.evaluate(() => document.documentElement.setAttribute("data-theme", "dark"));
      await owner.locator("h1").waitFor();
      await accessible(owner);
      const wide = await owner.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.equal(wide, false, "the page scrolls sideways");
      await owner.setViewportSize({ width: 1440, height: 1000 });
    });
  }

  await check("sign-ups from one place are slowed down", async () => {
    const signUp = async (i: number) => {
      const fields = {
        name: "Bot",
        email: `bot${i}@example.com`,
        password: PASSWORD,
        teamName: "Bots",
        projectName: "Spam",
      };
      const response = await fetch(`${web}/api/v1/account.signUp`, {
        method: "POST",
        headers: { "content-type": "application/json", "x-forwarded-for": "203.0.113.9" },
        body: JSON.stringify(fields),
      });
      return { status: response.status, wait: response.headers.get("retry-after") };
    };
    for (let i = 0; i < 20; i++) assert.equal((await signUp(i)).status, 200);
    const { status, wait } = await signUp(20);
    assert.equal(status, 429);
    assert.ok(Number(wait) > 0 && Number(wait) <= 600);
  });

  await check("no page had an error", async () => assert.deepEqual(problems, []));
}
