import "server-only";
import { SignUpThrottle } from "@ballast/governance/server";
import { networkAddress } from "./network-address.ts";

const holder = globalThis as unknown as { ballastSignUps?: SignUpThrottle };

/**
 * Counts a sign-up from the caller's network address. One count per process: actions and route handlers have module instances of
 * their own.
 * @throws AppError `too_many_requests`
 */
export function admitSignUp(headers: Headers): void {
  holder.ballastSignUps ??= new SignUpThrottle();
  holder.ballastSignUps.admit(networkAddress(headers));
}
