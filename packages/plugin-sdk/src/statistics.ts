/** The platform's numerics, for plugins: distances, tests, profiles, units. `@ballast/plugin-sdk/statistics`. */
export * from "@ballast/statistics";
