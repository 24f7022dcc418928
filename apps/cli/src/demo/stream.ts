import type { DemoState } from "./demo-state.ts";
import { type Flight, type FlightHistory, HOUR_MS } from "./flights.ts";
import { forEachLimited, type GatewayClient } from "./gateway-client.ts";
import { LatencyCounts } from "./latency-counts.ts";

const KM_PER_MILE = 1.609344;
const CONNECTIONS = 32;
/** Event time asked at once, before the outcomes of what landed in it are sent. */
const CHUNK_MS = 3 * HOUR_MS;
/** Rows of one push; also bounds the gateway's request bodies. */
const PUSH_ROWS = 2_000;

/** True measurements of the stream, as the sender saw them. */
export interface StreamTally {
  sent: number;
  answered: number;
  outcomesSent: number;
  outcomesAccepted: number;
  rowsPushed: number;
  /** Wall milliseconds during which predictions were being sent, waits for the platform included; and its parts. */
  activeMs: number;
  pushMs: number;
  predictMs: number;
  outcomesMs: number;
  settleMs: number;
}

export interface StreamOptions {
  gateway: GatewayClient;
  history: FlightHistory;
  /** Endpoint asked for predictions. */
  deployment: string;
  /** From this event time on the feed sends `distance` in kilometres; null for never. */
  kilometresFrom: number | null;
  /** Where an earlier process stopped. */
  resume: Pick<DemoState, "pending" | "tally" | "latencies">;
}

/** What happens in a stretch of event time, in its order. */
interface Day {
  landings: Flight[];
  departures: Flight[];
}

const NOTHING_YET = {
  sent: 0,
  answered: 0,
  outcomesSent: 0,
  outcomesAccepted: 0,
  rowsPushed: 0,
  activeMs: 0,
  ...{ pushMs: 0, predictMs: 0, outcomesMs: 0, settleMs: 0 },
};

/**
 * The airline's systems: every landed flight goes to the feature stream, a sample asks for a prediction at departure
 * (one row per request), and its outcome follows when it has landed. Whatever was known by a prediction's time was sent
 * before it, and what was sent early counts only from its own time on.
 */
export class FlightStream {
  readonly #options: StreamOptions;
  readonly #predictionIds: Map<number, string>;
  readonly tally: StreamTally;
  /** Of answered predictions, retries included. */
  readonly #latencies: LatencyCounts;
  /** Revisions that the gateway was seen to serve; they only grow. */
  #met = "";
  #ahead: { from: number; day: Promise<Day> } | null = null;
  constructor(options: StreamOptions) {
    this.#options = options;
    const { pending, tally, latencies } = options.resume;
    this.#predictionIds = new Map(pending);
    this.tally = { ...(tally ?? NOTHING_YET) };
    this.#latencies = new LatencyCounts(latencies);
  }

  /** What a later process needs to go on from here. */
  snapshot(): Pick<DemoState, "pending" | "tally" | "latencies"> {
    return { pending: [...this.#predictionIds], tally: { ...this.tally }, latencies: this.#latencies.counted() };
  }

  /**
   * Reads event time [from, to) and pushes its landings before anything in it is asked, while the sender waits for the
   * platform: a row counts only from its own time on, so it is never too early.
   */
  goAhead(from: number, to: number, predict: boolean): void {
    this.#ahead = { from, day: this.#open(from, to, predict) };
    // A failure is met by the one who asks for the day.
    this.#ahead.day.catch(() => {});
  }

  async #open(from: number, to: number, predict: boolean): Promise<Day> {
    const { history } = this.#options;
    const landings = await history.landings(from, to);
    const departures = predict ? await history.departures(from, to) : [];
    await this.#push(landings, from);
    return { landings, departures };
  }

  /** Sends event time [from, to). */
  async send(from: number, to: number, predict: boolean): Promise<void> {
    if (this.#ahead?.from !== from) this.goAhead(from, to, predict);
    const { landings, departures } = await this.timed("pushMs", (this.#ahead as { day: Promise<Day> }).day);
    // Counted here, not as they are pushed: who resumes pushes the day's rows again, under the same keys.
    this.tally.rowsPushed += landings.length;
    let landed = 0;
    let departed = 0;
    for (let start = from; start < to; start += CHUNK_MS) {
      const end = Math.min(start + CHUNK_MS, to);
      const landedBy = countBefore(landings, landed, end, (f) => f.knownAt);
      const known = landings.slice(landed, landedBy);
      landed = landedBy;
      const departedBy = countBefore(departures, departed, end, (f) => f.departureUtc);
      const leaving = departures.slice(departed, departedBy);
      departed = departedBy;
      await this.timed(
        "predictMs",
        forEachLimited(leaving, CONNECTIONS, (flight) => this.#predict(flight)),
      );
      await this.timed("outcomesMs", this.#outcomes(known));
    }
  }

  /** Waits for `work` and adds its wall time to a part of the tally. */
  async timed<T>(part: "pushMs" | "predictMs" | "outcomesMs" | "settleMs", work: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await work;
    this.tally[part] += performance.now() - startedAt;
    return result;
  }

  /** True when the gateway serves the routes and conversions that the platform has decided on. */
  async meets(revisions: { routing: Record<string, number>; conversion: number }): Promise<boolean> {
    const { deployment, gateway } = this.#options;
    const wanted = `${revisions.routing[deployment]}/${revisions.conversion}`;
    if (wanted === this.#met) return true;
    const { body } = await gateway.send<{ parameters: { routing_revision: number; conversion_revision: number } }>(
      "GET",
      `/v2/models/${deployment}`,
      null,
    );
    const { routing_revision: routing, conversion_revision: conversion } = body.parameters;
    const meets = routing >= (revisions.routing[deployment] ?? 0) && conversion >= revisions.conversion;
    if (meets) this.#met = wanted;
    return meets;
  }

  /** Event time has reached `t`: everything before it was sent. */
  async watermark(t: number): Promise<void> {
    await this.#options.gateway.send(
      "POST",
      "/v1/watermark",
      JSON.stringify({ event_time: new Date(t).toISOString() }),
    );
  }

  #distance(flight: Flight, t: number): number {
    const { kilometresFrom } = this.#options;
    return kilometresFrom !== null && t >= kilometresFrom ? Math.round(flight.distance * KM_PER_MILE) : flight.distance;
  }

  async #push(flights: Flight[], start: number): Promise<void> {
    for (let i = 0; i < flights.length; i += PUSH_ROWS) {
      const rows = flights.slice(i, i + PUSH_ROWS);
      const df = {
        flight_id: rows.map((f) => f.flightId),
        origin: rows.map((f) => f.origin),
        destination: rows.map((f) => f.destination),
        departure_local: rows.map((f) => f.departureLocal),
        departure_utc: rows.map((f) => f.departureUtc),
        distance: rows.map((f) => this.#distance(f, f.departureUtc)),
        delay: rows.map((f) => f.delay),
        late: rows.map((f) => (f.delay >= 15 ? 1 : 0)),
        known_at: rows.map((f) => f.knownAt),
      };
      await this.#options.gateway.send(
        "POST",
        "/push",
        JSON.stringify({ push_source_name: "flights", push_id: `${start}-${i}`, df }),
      );
    }
  }

  async #predict(flight: Flight): Promise<void> {
    const int = (name: string, value: number) => `{"name":"${name}","datatype":"INT64","shape":[1],"data":[${value}]}`;
    const text = (name: string, value: string) =>
      `{"name":"${name}","datatype":"BYTES","shape":[1],"data":["${value}"]}`;
    const distance = this.#distance(flight, flight.departureUtc);
    const body = `{"id":"f${flight.flightId}","inputs":[${int("flight_id", flight.flightId)},${text("origin", flight.origin)},${text("destination", flight.destination)},${int("departure_utc", flight.departureUtc)},${int("departure_local", flight.departureLocal)},{"name":"distance","datatype":"FP64","shape":[1],"data":[${distance}]}]}`;
    this.tally.sent += 1;
    const answer = await this.#options.gateway.send<{ parameters?: { prediction_id?: string } }>(
      "POST",
      `/v2/models/${this.#options.deployment}/infer`,
      body,
    );
    const id = answer.body.parameters?.prediction_id;
    if (!id) throw new Error(`The gateway answered flight ${flight.flightId} without a prediction id.`);
    this.#predictionIds.set(flight.flightId, id);
    this.tally.answered += 1;
    this.#latencies.add(answer.ms);
  }

  async #outcomes(landed: Flight[]): Promise<void> {
    const outcomes = landed.flatMap((flight) => {
      const id = this.#predictionIds.get(flight.flightId);
      if (id === undefined) return [];
      this.#predictionIds.delete(flight.flightId);
      return [
        { prediction_id: id, label: flight.delay >= 15 ? 1 : 0, occurred_at: new Date(flight.knownAt).toISOString() },
      ];
    });
    if (outcomes.length === 0) return;
    this.tally.outcomesSent += outcomes.length;
    await this.#options.gateway.send("POST", "/v1/outcomes", JSON.stringify({ outcomes }));
    this.tally.outcomesAccepted += outcomes.length;
  }
}

function countBefore(flights: Flight[], start: number, end: number, timeOf: (flight: Flight) => number): number {
  let i = start;
  while (i < flights.length && timeOf(flights[i] as Flight) < end) i += 1;
  return i;
}
