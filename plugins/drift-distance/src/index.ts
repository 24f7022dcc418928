import { definePlugin } from "@ballast/plugin-sdk";
import { jensenShannon, psi } from "./binned.ts";
import { wasserstein } from "./wasserstein.ts";

/** Distances: how large is the difference? A limit is calibrated on the reference itself, not fixed here. */
export default definePlugin({ driftTests: [psi, wasserstein, jensenShannon] });
