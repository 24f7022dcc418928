/** The floors of the house, lowest first. An import never goes up, and a room never reaches into another's inside. */
const FLOORS = [
  ["packages/core", "packages/statistics", "packages/onnx"],
  ["packages/plugin-sdk"],
  ["packages/db", "packages/artifacts", "packages/inference-protocol", "packages/ui"],
  ["packages/governance", "packages/finops", "packages/hardware"],
  ["packages/datasets", "packages/experiments", "packages/registry", "packages/features"],
  ["packages/training", "packages/monitoring", "packages/delivery"],
  ["packages/marketplace", "packages/api", "packages/mlflow", "packages/client"],
  ["apps"],
];
const oneOf = (folders) => `^(${folders.join("|")})/`;

const upward = FLOORS.slice(0, -1).map((floor, i) => ({
  name: `floor-${i + 1}-imports-nothing-above`,
  severity: "error",
  comment: `${floor.join(", ")} stand below ${FLOORS[i + 1].join(", ")}: move the shared part down, or let the upper room call.`,
  from: { path: oneOf(floor), pathNot: "\\.test\\.ts$" },
  to: { path: oneOf(FLOORS.slice(i + 1).flat()) },
}));

module.exports = {
  forbidden: [
    ...upward,
    {
      name: "loops-meet-through-events",
      severity: "error",
      comment:
        "training, monitoring and delivery know of each other only through domain events; the worker wires them.",
      from: { path: "^packages/(training|monitoring|delivery)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^packages/(training|monitoring|delivery)/", pathNot: "^packages/$1/" },
    },
    {
      name: "no-domain-imports-a-plugin",
      severity: "error",
      comment: "Plugins are found by manifest and reached through PluginHost.",
      from: { path: "^(packages|apps)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^plugins/" },
    },
    {
      name: "plugins-import-the-sdk-only",
      severity: "error",
      comment: "All that a plugin may import is @ballast/plugin-sdk.",
      from: { path: "^plugins/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(packages|apps)/", pathNot: "^packages/plugin-sdk/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two files that import each other are one file; types excepted.",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(\\.next|node_modules)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
      extensions: [".ts", ".tsx", ".js", ".mjs"],
    },
  },
};
