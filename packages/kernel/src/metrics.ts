/** A number that only grows. */
export interface Counter {
  add(count?: number): void;
}

/** How often values of which size came. */
export interface Histogram {
  observe(value: number): void;
}

/** One of something for each value of a label. */
export type ByLabel<V extends string, T> = Readonly<Record<V, T>>;

/** A label, and all values that it can have: the names of metrics are bounded. */
export interface Label<V extends string> {
  readonly name: string;
  readonly values: readonly V[];
}

/**
 * Where a part of the process puts what it counts and measures. Each metric is made once, by a name that says its unit
 * (`_seconds`, `_bytes`; `_total` for counters) and stands in docs/reference/metrics.md; then it costs a few nanoseconds. A
 * gauge is read when somebody asks for the metrics.
 */
export interface Metrics {
  counter(name: string, help: string): Counter;
  counters<V extends string>(name: string, help: string, label: Label<V>): ByLabel<V, Counter>;
  /** `buckets` are upper bounds, rising. */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  histograms<V extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    label: Label<V>,
  ): ByLabel<V, Histogram>;
  /** `read` gives undefined while the value is not known: then the metric is left out. */
  gauge(name: string, help: string, read: () => number | undefined): void;
  /** `read` gives undefined while the values are not known; a value that it leaves out is 0. */
  gauges<V extends string>(
    name: string,
    help: string,
    label: Label<V>,
    read: () => Readonly<Partial<Record<V, number>>> | undefined,
  ): void;
}

/** Metrics that nobody asks for: they keep nothing. */
export function noMetrics(): Metrics {
  const counter: Counter = { add: () => undefined };
  const histogram: Histogram = { observe: () => undefined };
  return {
    counter: () => counter,
    counters: (_name, _help, label) => byLabel(label, () => counter),
    histogram: () => histogram,
    histograms: (_name, _help, _buckets, label) => byLabel(label, () => histogram),
    gauge: () => undefined,
    gauges: () => undefined,
  };
}

/** Makes one of something for each value of a label. */
export function byLabel<V extends string, T>({ values }: Label<V>, make: (value: V) => T): ByLabel<V, T> {
  return Object.fromEntries(values.map((value) => [value, make(value)])) as Record<V, T>;
}
