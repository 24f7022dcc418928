import { definePlugin } from "@ballast/plugin-sdk";
import { unitChange } from "./unit-change.ts";

/** Names a change of unit, instead of calling it drift. */
export default definePlugin({ driftTests: [unitChange] });
