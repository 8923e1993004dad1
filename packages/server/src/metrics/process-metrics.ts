import type { Counter, Histogram, Label, Metrics } from '@berth/kernel';
import { byLabel } from '@berth/kernel';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Buckets, Cell } from './cells.js';
import type { Family, Labelled } from './families.js';
import { asMetric, counterFamily, gaugeFamily, histogramFamily } from './families.js';

/** What prom-client names like a counter and is none: `promtool check metrics` refuses it. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];
/** How exactly the lag of the event loop is measured. */
const LAG_PRECISION_MS = 20;

/** The metrics of a process, as Prometheus reads them. */
export class ProcessMetrics implements Metrics {
  readonly #registry = new Registry();

  /** Begins to measure the process itself too: processor time, memory, event loop, garbage collection. */
  constructor() {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: LAG_PRECISION_MS });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
  }

  /** The type of `text`. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics with their values now, in the text format of Prometheus. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** Adds metrics of other shapes. Throws for a name that is there. */
  add(...families: readonly Family[]): void {
    for (const family of families) this.#registry.registerMetric(asMetric(family));
  }

  counter(name: string, help: string): Counter {
    const cell = new Cell();
    this.add(counterFamily(name, help, () => [{ labels: {}, cell }]));
    return cell;
  }

  counters<V extends string>(name: string, help: string, label: Label<V>): Readonly<Record<V, Counter>> {
    const cells = byLabel(label, () => new Cell());
    this.add(counterFamily(name, help, () => labelled(label, cells)));
    return cells;
  }

  histogram(name: string, help: string, buckets: readonly number[]): Histogram {
    const cell = new Buckets(buckets);
    this.add(histogramFamily(name, help, () => [{ labels: {}, cell }]));
    return cell;
  }

  histograms<V extends string>(
    name: string,
    help: string,
    buckets: readonly number[],
    label: Label<V>,
  ): Readonly<Record<V, Histogram>> {
    const cells = byLabel(label, () => new Buckets(buckets));
    this.add(histogramFamily(name, help, () => labelled(label, cells)));
    return cells;
  }

  gauge(name: string, help: string, read: () => number | undefined): void {
    const values = (): readonly Labelled<number>[] => {
      const cell = read();
      return cell === undefined ? [] : [{ labels: {}, cell }];
    };
    this.add(gaugeFamily(name, help, values));
  }

  gauges<V extends string>(
    name: string,
    help: string,
    label: Label<V>,
    read: () => Readonly<Partial<Record<V, number>>> | undefined,
  ): void {
    const values = (): readonly Labelled<number>[] => {
      const found = read();
      return found === undefined
        ? []
        : labelled(
            label,
            byLabel(label, (value) => found[value] ?? 0),
          );
    };
    this.add(gaugeFamily(name, help, values));
  }
}

function labelled<V extends string, T>(label: Label<V>, cells: Readonly<Record<V, T>>): readonly Labelled<T>[] {
  return label.values.map((value) => ({ labels: { [label.name]: value }, cell: cells[value] }));
}
