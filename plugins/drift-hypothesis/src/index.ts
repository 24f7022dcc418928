import { definePlugin } from "@ballast/plugin-sdk";
import { chiSquare } from "./chi-square.ts";
import { ks } from "./ks.ts";

/** Hypothesis tests: is the difference more than chance? For "is it large?" see the distances. */
export default definePlugin({ driftTests: [ks, chiSquare] });
