import { freePort } from "@ballast/db/embedded";
import { launchBrowser } from "./browser.ts";
import { startIdentityProvider } from "./identity-provider.ts";
import { startInstallation, waitFor } from "./installation.ts";
import { DOMAINS, PEOPLE, PROVIDER_NAME, peopleJourney } from "./people-journey.ts";

/** Invitations, roles, service accounts and sign-in through a real OpenID provider, in a real browser on an installation of its own. */
const START_LIMIT_MS = 300_000;

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

const port = await freePort();
const web = `http://127.0.0.1:${port}`;
const provider = await startIdentityProvider(await freePort(), web, PEOPLE);
const installation = startInstallation(["--empty", "--port", String(port)], undefined, {
  ...{ BALLAST_OIDC_ISSUER: provider.issuer, BALLAST_OIDC_CLIENT_ID: provider.clientId },
  ...{ BALLAST_OIDC_CLIENT_SECRET: provider.clientSecret, BALLAST_OIDC_NAME: PROVIDER_NAME },
  BALLAST_OIDC_DOMAINS: DOMAINS,
});
const browser = await launchBrowser();
try {
  await waitFor("the address to be printed", START_LIMIT_MS, () => {
    if (installation.process.exitCode !== null) throw new Error(`Ballast did not start:\n${installation.log()}`);
    return /Ballast {3}http\S+/.test(installation.log());
  });
  const [, gateway = ""] = /Gateway {3}(http\S+)/.exec(installation.log()) ?? [];
  await peopleJourney({ web, gateway, browser, check });
} finally {
  await browser.close();
  await installation.stop();
  await provider.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
