import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import tzlookup from "tz-lookup";

const HOUR_MS = 3_600_000;
/** An outcome is known when the flight has landed and taxied: scheduled time + delay + flying time at 450 mph + 30 min. */
const KNOWN_AT = "departure_utc + greatest(delay, 0) * 60000 + CAST(floor(distance * 8000.0) AS BIGINT) + 1800000";
/** One flight in ten asks for a prediction, chosen by a hash of its number. */
const SAMPLED = "hash(flight_id) % 10 = 0";

export interface Flight {
  flightId: number;
  origin: string;
  destination: string;
  /** Scheduled departure: wall clock at the origin as if UTC, and true UTC; epoch ms. */
  departureLocal: number;
  departureUtc: number;
  /** Statute miles. */
  distance: number;
  /** Minutes. */
  delay: number;
  /** When its outcome was known, epoch ms UTC. */
  knownAt: number;
  sampled: boolean;
}

/** The package exports its code only, so its data is found beside that. */
const DATA = path.join(path.dirname(createRequire(import.meta.url).resolve("vega-datasets")), "..", "data");
const read = (file: string) => path.join(DATA, file);

/** What happened in 2001, as the airline's own systems would send it: sorted, in UTC, day by day. */
export class FlightHistory {
  readonly #connection: DuckDBConnection;
  readonly zones: Record<string, string>;

  private constructor(connection: DuckDBConnection, zones: Record<string, string>) {
    this.#connection = connection;
    this.zones = zones;
  }

  /** Prepares the sorted history in `folder`; the second time it is only opened. */
  static async open(folder: string): Promise<FlightHistory> {
    fs.mkdirSync(folder, { recursive: true });
    const instance = await DuckDBInstance.create(path.join(folder, "flights.duckdb"), {
      memory_limit: "700MB",
      threads: "2",
    });
    const connection = await instance.connect();
    await connection.run("SET preserve_insertion_order = false");
    const zones = await zonesOfAirports(connection);
    const history = new FlightHistory(connection, zones);
    await history.#prepare();
    return history;
  }

  async #prepare(): Promise<void> {
    const made = await this.#connection.runAndReadAll(
      "SELECT count(*) FROM information_schema.tables WHERE table_name = 'flights'",
    );
    if (Number(made.getRows()[0]?.[0]) === 1) return;
    await this.#connection.run("CREATE TEMP TABLE zones (airport VARCHAR, zone VARCHAR)");
    const values = Object.entries(this.zones).map(([airport, zone]) => `('${airport}', '${zone}')`);
    await this.#connection.run(`INSERT INTO zones VALUES ${values.join(",")}`);
    // The Parquet row number is the flight's number: no other column combination is unique.
    await this.#connection.run(`
      CREATE TABLE building AS
      SELECT *, ${KNOWN_AT} AS known_at, ${SAMPLED} AS sampled FROM (
        SELECT f.file_row_number AS flight_id, f.date AS departure, f.origin, f.destination, f.distance, f.delay,
               epoch_ms(f.date) AS departure_local, epoch_ms(timezone(z.zone, f.date)) AS departure_utc
        FROM read_parquet('${read("flights-3m.parquet")}', file_row_number = true) f JOIN zones z ON z.airport = f.origin
      ) ORDER BY departure_utc, flight_id`);
    await this.#connection.run("ALTER TABLE building RENAME TO flights");
  }

  /** January as the Parquet file a data team would hand over: local departure times, miles. */
  async exportJanuary(file: string): Promise<void> {
    await this.#connection.run(`
      COPY (SELECT flight_id, departure, origin, destination, distance, delay, CAST(delay >= 15 AS INTEGER) AS late, known_at
            FROM flights WHERE departure < TIMESTAMP '2001-02-01' ORDER BY departure, flight_id) TO '${file}' (FORMAT parquet)`);
  }

  /** Flights that departed in [from, to), by departure. */
  departures(from: number, to: number): Promise<Flight[]> {
    return this.#select(`departure_utc >= ${from} AND departure_utc < ${to} AND sampled`, "departure_utc, flight_id");
  }

  /** Flights whose outcome became known in [from, to), by that moment. */
  landings(from: number, to: number): Promise<Flight[]> {
    return this.#select(`known_at >= ${from} AND known_at < ${to}`, "known_at, flight_id");
  }

  async #select(where: string, order: string): Promise<Flight[]> {
    const columns =
      "flight_id, origin, destination, departure_local, departure_utc, distance, delay, known_at, sampled";
    const result = await this.#connection.runAndReadAll(
      `SELECT ${columns} FROM flights WHERE ${where} ORDER BY ${order}`,
    );
    return result.getRows().map((row) => ({
      flightId: Number(row[0]),
      origin: String(row[1]),
      destination: String(row[2]),
      departureLocal: Number(row[3]),
      departureUtc: Number(row[4]),
      distance: Number(row[5]),
      delay: Number(row[6]),
      knownAt: Number(row[7]),
      sampled: Boolean(row[8]),
    }));
  }

  close(): void {
    this.#connection.closeSync();
  }
}

async function zonesOfAirports(connection: DuckDBConnection): Promise<Record<string, string>> {
  const rows = await connection.runAndReadAll(`
    SELECT a.iata, a.latitude, a.longitude FROM read_csv('${read("airports.csv")}', header = true, all_varchar = true) a
    WHERE a.iata IN (SELECT DISTINCT origin FROM read_parquet('${read("flights-3m.parquet")}')
                     UNION SELECT DISTINCT destination FROM read_parquet('${read("flights-3m.parquet")}'))`);
  return Object.fromEntries(rows.getRows().map((r) => [String(r[0]), tzlookup(Number(r[1]), Number(r[2]))]));
}

export { HOUR_MS };
