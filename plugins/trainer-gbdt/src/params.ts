import { AppError } from "@ballast/plugin-sdk";

/** One training parameter: what a person may set and what happens when they do not. */
interface ParamRule {
  default: number;
  min: number;
  max: number;
  integer: boolean;
  meaning: string;
}

const PARAM_RULES = {
  maxTrees: { default: 100, min: 1, max: 10_000, integer: true, meaning: "most trees to grow" },
  learningRate: { default: 0.1, min: 1e-6, max: 1, integer: false, meaning: "share of each tree's step that is taken" },
  maxLeaves: { default: 31, min: 2, max: 4096, integer: true, meaning: "most leaves of one tree" },
  maxDepth: { default: 0, min: 0, max: 64, integer: true, meaning: "most splits from root to leaf; 0 is no limit" },
  minSamplesLeaf: { default: 20, min: 1, max: 1e9, integer: true, meaning: "fewest rows in a leaf" },
  // Below 1e-6 the rounding of histogram sums would pass for hessian, and Newton steps would explode.
  minChildHessian: { default: 1e-3, min: 1e-6, max: 1e9, integer: false, meaning: "least sum of hessians in a leaf" },
  minGain: { default: 0, min: 0, max: 1e12, integer: false, meaning: "least loss reduction that justifies a split" },
  l2: { default: 0, min: 0, max: 1e9, integer: false, meaning: "L2 penalty on leaf values" },
  maxBins: { default: 255, min: 2, max: 255, integer: true, meaning: "most bins per feature, missing not counted" },
  patience: {
    default: 10,
    min: 0,
    max: 10_000,
    integer: true,
    meaning: "rounds without progress before stopping; 0 never stops",
  },
  minDelta: {
    default: 0,
    min: 0,
    max: 1e12,
    integer: false,
    meaning: "validation loss reduction that counts as progress",
  },
} as const satisfies Record<string, ParamRule>;

/** Training parameters with defaults filled in. See docs/algorithms/gradient-boosting.md. */
export type GbdtParams = Record<keyof typeof PARAM_RULES, number>;

function describe(rule: ParamRule): string {
  return `${rule.meaning}: ${rule.integer ? "an integer" : "a number"} from ${rule.min} to ${rule.max}`;
}

/**
 * Fills in defaults and refuses what it does not know.
 * @throws AppError `invalid_input` naming the key, its meaning and its range
 */
export function parseParams(given: Record<string, number | string | boolean>): GbdtParams {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(PARAM_RULES, key));
  if (unknown !== undefined) {
    const known = Object.keys(PARAM_RULES).join(", ");
    throw new AppError("invalid_input", `params.${unknown} is not a parameter of gbdt. Known: ${known}.`, {
      details: { field: `params.${unknown}` },
    });
  }
  const entries = Object.entries(PARAM_RULES).map(([key, rule]: [string, ParamRule]) => {
    const value = given[key] ?? rule.default;
    const fits = typeof value === "number" && value >= rule.min && value <= rule.max;
    if (!fits || (rule.integer && !Number.isInteger(value))) {
      throw new AppError(
        "invalid_input",
        `params.${key} is ${typeof value === "string" ? `"${value}"` : value}; it is ${describe(rule)}.`,
        {
          details: { field: `params.${key}` },
        },
      );
    }
    return [key, value];
  });
  return Object.fromEntries(entries) as GbdtParams;
}
