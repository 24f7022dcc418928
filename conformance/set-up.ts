/**
 * What a first user does, through the doors users have: signs up, signs in, makes a token, uploads data, declares features,
 * a pipeline and a deployment, and trains the first version until it serves.
 */
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { AppRouter } from "@ballast/api";
import { PERMISSIONS, type Permission } from "@ballast/core";
import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";

type Api = ReturnType<typeof createApi>;
export interface Project {
  team: string;
  project: string;
  token: string;
}
/** A flight as a caller describes it. */
export interface Row {
  flight_id: number;
  origin: string;
  destination: string;
  departure: number;
  distance: number;
}

const HOUR_MS = 3_600_000;
const LATE_MINUTES = 15;
const FROM = new Date("2001-01-01T00:00:00Z");
const TO = new Date("2001-04-02T00:00:00Z");
const WAIT_LIMIT_MS = 120_000;
export const DEPLOYMENT = "flight-late";

function createApi(webUrl: string, headers: Record<string, string>) {
  return createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${webUrl}/api/trpc`, transformer: superjson, headers })],
  });
}

const ACCOUNT = { email: "conformance@ballast.example", password: "correct horse battery staple" };
const STRANGER = { email: "stranger@ballast.example", password: "another battery staple" };

/** An account with its team and project, and a token made from a signed-in session. */
export async function createProject(webUrl: string): Promise<Project> {
  const names = { name: "Con Formance", teamName: "Conformance", projectName: "Flights" };
  const made = await createApi(webUrl, {}).account.signUp.mutate({ ...ACCOUNT, ...names });
  return { ...made, token: await createToken(webUrl, ACCOUNT, made, PERMISSIONS) };
}

async function createToken(
  webUrl: string,
  account: typeof ACCOUNT,
  where: { team: string; project: string },
  permissions: readonly Permission[],
): Promise<string> {
  const person = createApi(webUrl, { cookie: await signIn(webUrl, account) });
  const asked = { team: where.team, project: where.project, name: "conformance", expiresInDays: 1 };
  return (await person.token.create.mutate({ ...asked, permissions: [...permissions] })).token;
}

/** A token of the project that may only read, and one of somebody else's. */
export async function otherTokens(webUrl: string, project: Project): Promise<Record<string, string>> {
  const names = { name: "Stran Ger", teamName: "Strangers", projectName: "Elsewhere" };
  const elsewhere = await createApi(webUrl, {}).account.signUp.mutate({ ...STRANGER, ...names });
  return {
    BALLAST_READER_TOKEN: await createToken(webUrl, ACCOUNT, project, ["project.read"]),
    BALLAST_STRANGER_TOKEN: await createToken(webUrl, STRANGER, elsewhere, PERMISSIONS),
  };
}

/** Signs in as the sign-in form does; resolves to the session's cookies. */
async function signIn(webUrl: string, account: { email: string; password: string }): Promise<string> {
  const asked = await fetch(`${webUrl}/api/auth/csrf`);
  const { csrfToken } = (await asked.json()) as { csrfToken: string };
  const answer = await fetch(`${webUrl}/api/auth/callback/credentials`, {
    method: "POST",
    redirect: "manual",
    headers: { cookie: cookiesOf(asked) },
    body: new URLSearchParams({ ...account, csrfToken }),
  });
  const cookies = cookiesOf(answer);
  if (!cookies.includes("session-token")) throw new Error(`Signing in gave no session: HTTP ${answer.status}.`);
  return cookies;
}

const cookiesOf = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");

interface Flight {
  date: string;
  delay: number;
  distance: number;
  origin: string;
  destination: string;
}

/** 20,000 real flights of January to March 2001. Their local times are taken as if they were UTC: protocols do not mind. */
function readFlights(): (Row & { known_at: number; late: number })[] {
  // The package exports its code only; its data lies beside that.
  const code = createRequire(import.meta.url).resolve("vega-datasets");
  const file = path.join(path.dirname(code), "..", "data", "flights-20k.json");
  const flights = JSON.parse(fs.readFileSync(file, "utf8")) as Flight[];
  return flights.map(({ date, delay, distance, origin, destination }, i) => {
    const departure = Date.parse(`${date.replaceAll("/", "-").replace(" ", "T")}:00Z`);
    // Known when it has landed: an hour and its way at some 480 miles an hour.
    const known_at = departure + HOUR_MS + Math.round((distance / 480) * HOUR_MS) + Math.max(0, delay) * 60_000;
    return { flight_id: i, origin, destination, departure, distance, known_at, late: delay >= LATE_MINUTES ? 1 : 0 };
  });
}

const FLIGHT_VIEW = {
  ...{ kind: "request" as const, name: "flight", description: "What the schedule says of a flight." },
  features: [
    { name: "hour", expression: { op: "hour_of_day" as const, column: "departure" }, unit: null },
    { name: "weekday", expression: { op: "day_of_week" as const, column: "departure" }, unit: null },
    { name: "distance", expression: { op: "column" as const, column: "distance" }, unit: "mile" },
  ],
};
const CONGESTION_VIEW = {
  ...{ kind: "trailing_share" as const, name: "congestion", description: "Share of late departures of late." },
  ...{ source: "flights", knownAt: "known_at", requestTime: "departure", of: "late", onMissing: "null" as const },
  features: [
    { name: "origin_3h", key: "origin", windowMs: 3 * HOUR_MS },
    { name: "origin_24h", key: "origin", windowMs: 24 * HOUR_MS },
  ],
};
const BINDINGS = [FLIGHT_VIEW, CONGESTION_VIEW].flatMap((view) =>
  view.features.map(({ name }) => ({ input: name, view: view.name, feature: name })),
);
const PIPELINE = {
  name: "flight-late",
  spec: {
    ...{ modelName: DEPLOYMENT, deploymentName: DEPLOYMENT, task: "binary" as const, trainer: "gbdt" },
    ...{ dataset: "flights", source: "flights", label: "late", rowTime: "departure", knownAt: "known_at" },
    ...{ features: BINDINGS, params: { maxTrees: 40 }, validationShare: 0.1, testShare: 0.1 },
  },
};

/** Trains version 1 and waits until it serves; resolves to what the clients have to know. */
export async function serveFirstModel(webUrl: string, gatewayUrl: string, project: Project) {
  const { token, ...where } = project;
  const api = createApi(webUrl, { authorization: `Bearer ${token}` });
  const flights = readFlights();
  await integrate(api, where, { gatewayUrl, token, csv: csvOf(flights) });
  await api.feature.define.mutate({ ...where, definition: FLIGHT_VIEW });
  await api.feature.define.mutate({ ...where, definition: CONGESTION_VIEW });
  const budget = { name: "2001", currency: "USD", hard: true, limitMicros: 50_000_000 };
  await api.finops.setBudget.mutate({ ...where, budget });
  const columns = { assignmentColumn: "flight_id", timeColumn: "departure" };
  const deployment = { name: DEPLOYMENT, modelName: DEPLOYMENT, deadlineMs: 10_000, ...columns };
  await api.deployment.create.mutate({ ...where, deployment });
  await api.training.definePipeline.mutate({ ...where, pipeline: PIPELINE });
  const training = { pipeline: PIPELINE.name, from: FROM, to: TO, plan: { strategy: "all_at_once" as const } };
  const job = await api.training.request.mutate({ ...where, training });
  const version = await until("version 1 to serve", async () => {
    const { state, reason } = await api.training.job.query({ ...where, jobId: job.id });
    if (state === "failed" || state === "refused") throw new Error(`Version 1 was not trained: ${reason}`);
    const [rollout] = (await api.rollout.list.query({ ...where, limit: 1 })).rollouts;
    if (rollout?.state === "refused") throw new Error(`Version 1 did not pass: ${rollout.outcomeReason}`);
    return rollout?.state === "promoted" ? rollout.candidateVersion : null;
  });
  const rows: Row[] = flights.slice(-7).map(({ known_at: _known, late: _late, ...row }) => row);
  return { version, rows, features: BINDINGS.length, lastMoment: +TO };
}

async function integrate(
  api: Api,
  where: { team: string; project: string },
  upload: { gatewayUrl: string; token: string; csv: string },
): Promise<void> {
  const stored = await fetch(`${upload.gatewayUrl}/v1/artifacts`, {
    method: "PUT",
    headers: { authorization: `Bearer ${upload.token}` },
    body: upload.csv,
  });
  const { digest } = (await stored.json()) as { digest: string };
  const version = { dataset: "flights", sourceDigest: digest, declaredUnits: { distance: "mile" } };
  const made = await api.dataset.createVersion.mutate({ ...where, version });
  await until("the dataset to be validated", async () => {
    const { state, report } = await api.dataset.version.query({ ...where, id: made.id });
    if (state === "refused") throw new Error(`The flights were refused: ${JSON.stringify(report)}`);
    return state === "accepted" ? true : null;
  });
}

function csvOf(rows: readonly object[]): string {
  const names = Object.keys(rows[0] ?? {});
  return [names, ...rows.map((row) => Object.values(row))].map((line) => `${line.join(",")}\n`).join("");
}

async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${WAIT_LIMIT_MS / 1000} s in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
