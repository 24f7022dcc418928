/** Counters and histograms in the Prometheus text format (version 0.0.4). Incrementing costs one addition. */
export class Counter {
  value = 0;
  add(n = 1): void {
    this.value += n;
  }
}

/** Upper bounds in seconds, of request latency in the gateway. */
const BOUNDS = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export class Histogram {
  readonly counts = new Float64Array(BOUNDS.length + 1);
  sum = 0;

  observe(seconds: number): void {
    let i = 0;
    while (i < BOUNDS.length && seconds > (BOUNDS[i] as number)) i++;
    this.counts[i] = (this.counts[i] as number) + 1;
    this.sum += seconds;
  }
}

export type Labels = Record<string, string>;

interface Family<M> {
  type: "counter" | "histogram";
  help: string;
  series: Map<string, M>;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}

/** The series of one project. Ask for a series once and keep it. */
export class MetricSet {
  readonly #counters = new Map<string, Family<Counter>>();
  readonly #histograms = new Map<string, Family<Histogram>>();

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#series(this.#counters, name, "counter", help, labels, () => new Counter());
  }

  histogram(name: string, help: string, labels: Labels = {}): Histogram {
    return this.#series(this.#histograms, name, "histogram", help, labels, () => new Histogram());
  }

  render(): string {
    const lines: string[] = [];
    for (const [name, { help, series }] of this.#counters) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
      for (const [labels, { value }] of series) lines.push(sample(name, labels, value));
    }
    for (const [name, { help, series }] of this.#histograms) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} histogram`);
      for (const [labels, histogram] of series) lines.push(...histogramLines(name, labels, histogram));
    }
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }

  #series<M>(
    families: Map<string, Family<M>>,
    name: string,
    type: Family<M>["type"],
    help: string,
    labels: Labels,
    make: () => M,
  ): M {
    let family = families.get(name);
    if (!family) {
      family = { type, help, series: new Map() };
      families.set(name, family);
    }
    const key = labelText(labels);
    let series = family.series.get(key);
    if (series === undefined) {
      series = make();
      family.series.set(key, series);
    }
    return series;
  }
}

function sample(name: string, labels: string, value: number): string {
  return labels === "" ? `${name} ${value}` : `${name}{${labels}} ${value}`;
}

function histogramLines(name: string, labels: string, { counts, sum }: Histogram): string[] {
  const prefix = labels === "" ? "" : `${labels},`;
  let total = 0;
  const lines = [...BOUNDS, Number.POSITIVE_INFINITY].map((bound, i) => {
    total += counts[i] ?? 0;
    return `${name}_bucket{${prefix}le="${bound === Number.POSITIVE_INFINITY ? "+Inf" : bound}"} ${total}`;
  });
  return [...lines, sample(`${name}_sum`, labels, sum), sample(`${name}_count`, labels, total)];
}

/** A gauge's three lines, read at the moment of the scrape. */
export function gauge(name: string, help: string, samples: { labels?: Labels; value: number }[]): string {
  const lines = samples.map(({ labels = {}, value }) => sample(name, labelText(labels), value));
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines].join("\n")}\n`;
}
