/** Predictions per lease block. Serving sets money aside in blocks, so that training cannot take what it needs next. */
export const LEASE_BLOCK = 1_000;

/** Money of one deployment's window, and what is free once its old lease is settled. Micros. */
export interface LeaseRequest {
  /** Rows served and scored in the window that ended. */
  rows: number;
  /** What they come to at the prices in force for the next. */
  spentMicros: number;
  freeMicros: number;
  hard: boolean;
}
export interface Lease {
  blocks: number;
  amountMicros: number;
  /** Blocks wanted and their price; more than granted when money is short. */
  wantedBlocks: number;
  wantedMicros: number;
}

/**
 * The next window's lease: as many blocks as the last window used, at the price its mix of served and shadow rows had,
 * or as many whole blocks as still fit. Pure.
 */
export function sizeLease(request: LeaseRequest): Lease {
  if (request.rows === 0) return { blocks: 0, amountMicros: 0, wantedBlocks: 0, wantedMicros: 0 };
  const price = (blocks: number) => Math.ceil((request.spentMicros / request.rows) * blocks * LEASE_BLOCK);
  const wantedBlocks = Math.ceil(request.rows / LEASE_BLOCK);
  const wantedMicros = price(wantedBlocks);
  let blocks = wantedBlocks;
  if (request.hard) while (blocks > 0 && price(blocks) > request.freeMicros) blocks--;
  return { blocks, amountMicros: price(blocks), wantedBlocks, wantedMicros };
}

/** How a charge is paid: out of its reservation, then out of what is free, and the rest is overage. Micros. */
export interface Settlement {
  fromReservation: number;
  fromFree: number;
  overage: number;
  released: number;
}

/**
 * Pays `actual` out of `reserved`, then (where `mayUseFree`) out of `free`; what is left of a hard budget's charge is overage: owed and
 * shown, but not committed, so that committed + reserved ≤ limit holds while serving goes on. Pure.
 */
export function settle(actual: number, reserved: number, free: number, hard: boolean, mayUseFree: boolean): Settlement {
  const fromReservation = Math.min(actual, reserved);
  const rest = actual - fromReservation;
  const fromFree = !mayUseFree ? 0 : hard ? Math.min(rest, Math.max(0, free)) : rest;
  return { fromReservation, fromFree, overage: rest - fromFree, released: reserved - fromReservation };
}
