import { moneyText } from "./money.ts";

/** What a budget holds, in micros of its currency. */
export interface BudgetState {
  name: string;
  currency: string;
  hard: boolean;
  limitMicros: number;
  committedMicros: number;
  reservedMicros: number;
}

/** The answer to "may we spend?", with every number it was made from. A refusal is read as an invoice. */
export interface Invoice {
  budget: string;
  currency: string;
  worstCaseMicros: number;
  limitMicros: number;
  committedMicros: number;
  reservedMicros: number;
  freeMicros: number;
  /** 0 when it fits. */
  shortByMicros: number;
  /** What would make it fit, in words with numbers; empty when it fits. */
  waysOut: string[];
}
export interface Admission {
  admitted: boolean;
  invoice: Invoice;
  /** One sentence with the numbers. */
  summary: string;
}

/** limit − committed − reserved; never below 0 for a hard budget, because the database refuses such a row. */
export function freeOf(state: Pick<BudgetState, "limitMicros" | "committedMicros" | "reservedMicros">): number {
  return state.limitMicros - state.committedMicros - state.reservedMicros;
}

function waysOut(state: BudgetState, worstCase: number, free: number): string[] {
  const money = (micros: number) => moneyText(micros, state.currency);
  const ways: string[] = [];
  if (free > 0) {
    const share = Math.floor((100 * free) / worstCase);
    ways.push(`Ask for less: ${money(free)} fits, ${share} % of this request (fewer rows or fewer trees).`);
  }
  if (state.reservedMicros > 0 && free + state.reservedMicros >= worstCase) {
    ways.push(
      `Wait: ${money(state.reservedMicros)} is reserved for work under way; what it does not use is released when it ends.`,
    );
  }
  ways.push(
    `Raise the limit of budget "${state.name}" from ${money(state.limitMicros)} to at least ${money(state.limitMicros + worstCase - free)}.`,
  );
  return ways;
}

/**
 * Admits a worst case against what is free, or refuses it with an invoice. A soft budget admits everything.
 * The rule is on the worst case and not on what was spent so far: a ceiling that looks only at completed cost is overshot by
 * everything that runs at the time. An estimate asks without reserving; only its words differ.
 */
export function admit(
  state: BudgetState,
  worstCaseMicros: number,
  purpose: "reserve" | "estimate" = "reserve",
): Admission {
  const free = freeOf(state);
  const fits = !state.hard || worstCaseMicros <= free;
  const shortBy = fits ? 0 : worstCaseMicros - free;
  const invoice: Invoice = {
    budget: state.name,
    currency: state.currency,
    worstCaseMicros,
    limitMicros: state.limitMicros,
    committedMicros: state.committedMicros,
    reservedMicros: state.reservedMicros,
    freeMicros: free,
    shortByMicros: shortBy,
    waysOut: fits ? [] : waysOut(state, worstCaseMicros, free),
  };
  const money = (micros: number) => moneyText(micros, state.currency);
  const summary = fits
    ? `${purpose === "reserve" ? "Reserved" : "Would reserve"} ${money(worstCaseMicros)} of budget "${state.name}", the worst case.`
    : `Budget "${state.name}" refused: worst case ${money(worstCaseMicros)}, free ${money(free)}, short by ${money(shortBy)}. Nothing was started and nothing was charged.`;
  return { admitted: fits, invoice, summary };
}
