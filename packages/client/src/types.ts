import type { AppRouter } from "@ballast/api";
import type { AnyProcedure, inferProcedureInput, inferProcedureOutput } from "@trpc/server";

/** How one call is made. */
export interface CallOptions {
  signal?: AbortSignal;
  /** True lets a mutation be repeated when nobody knows whether it was done; false keeps a query from it. */
  idempotent?: boolean;
}

interface Scope {
  team: string;
  project: string;
}
/** The input as one gives it here: team and project may be left out. */
type Asked<Input> = Input extends Scope ? Omit<Input, keyof Scope> & Partial<Scope> : Input;
type Arguments<Input> = Input extends undefined
  ? [input?: undefined, options?: CallOptions]
  : Record<never, never> extends Asked<Input>
    ? [input?: Asked<Input>, options?: CallOptions]
    : [input: Asked<Input>, options?: CallOptions];
type Call<P extends AnyProcedure> = (...call: Arguments<inferProcedureInput<P>>) => Promise<inferProcedureOutput<P>>;

type Decorated<Part> = {
  [Name in keyof Part as Part[Name] extends { _def: { type: "subscription" } }
    ? never
    : Name]: Part[Name] extends AnyProcedure
    ? Part[Name]["_def"]["type"] extends "query"
      ? { query: Call<Part[Name]> }
      : { mutate: Call<Part[Name]> }
    : Decorated<Part[Name]>;
};

/** Every procedure by domain and name, with the server's own types: `ballast.model.list.query()`. */
export type BallastClient = Decorated<AppRouter["_def"]["record"]>;

type Parts = AppRouter["_def"]["record"];
/** What a procedure answers: `Output<"model", "list">`. */
export type Output<
  Domain extends keyof Parts,
  Name extends keyof Parts[Domain],
> = Parts[Domain][Name] extends AnyProcedure ? inferProcedureOutput<Parts[Domain][Name]> : never;
