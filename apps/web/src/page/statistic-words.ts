const words: Readonly<Record<string, string>> = {
  chi_square: "Chi-square",
  js_distance_base2: "Jensen–Shannon distance",
  ks_d: "Kolmogorov–Smirnov D",
  psi: "Population stability index",
  wasserstein_per_iqr: "Wasserstein ÷ IQR",
};

/** A statistic's name as people know it; a plugin's own stays as it is, without its underscores. */
export function statisticWords(statistic: string): string {
  return words[statistic] ?? statistic.replaceAll("_", " ");
}

/** The same, with the test's id where another test of the list has the same statistic. */
export function statisticLabel(of: { statistic: string; test: string }, all: readonly { statistic: string }[]): string {
  const twins = all.filter((one) => one.statistic === of.statistic).length > 1;
  return twins ? `${statisticWords(of.statistic)} (${of.test})` : statisticWords(of.statistic);
}
