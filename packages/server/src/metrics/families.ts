import type { Metric, MetricObjectWithValues, MetricValue } from 'prom-client';
import type { Buckets, Cell } from './cells.js';

/** The labels of one of the values of a metric. */
export type Labels = Readonly<Record<string, string>>;

/** A value with the labels that it stands under. */
export interface Labelled<T> {
  readonly labels: Labels;
  readonly cell: T;
}

type Values = readonly (MetricValue<string> & { readonly metricName?: string })[];

/** A metric with all its values, as a registry of prom-client reads it. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  values(): Values;
}

export function counterFamily(name: string, help: string, cells: () => Iterable<Labelled<Cell>>): Family {
  const values = (): Values => Array.from(cells(), ({ labels, cell }) => ({ value: cell.value, labels }));
  return { name, help, type: 'counter', values };
}

export function gaugeFamily(name: string, help: string, read: () => Iterable<Labelled<number>>): Family {
  const values = (): Values => Array.from(read(), ({ labels, cell }) => ({ value: cell, labels }));
  return { name, help, type: 'gauge', values };
}

export function histogramFamily(name: string, help: string, cells: () => Iterable<Labelled<Buckets>>): Family {
  const values = (): Values => Array.from(cells()).flatMap((each) => bucketValues(name, each));
  return { name, help, type: 'histogram', values };
}

function bucketValues(name: string, { labels, cell: { bounds, counts, sum } }: Labelled<Buckets>): Values {
  let count = 0;
  const buckets = [...bounds, Infinity].map((bound, i) => {
    count += counts[i] ?? 0;
    const le = bound === Infinity ? '+Inf' : bound;
    return { value: count, labels: { ...labels, le }, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { value: sum, labels, metricName: `${name}_sum` },
    { value: count, labels, metricName: `${name}_count` },
  ];
}

/**
 * The family as a metric of prom-client. Its own metrics look a value up by a text that they make of the labels at each
 * change, which is too much for calls of a hundred microseconds; a registry needs of a metric no more than this.
 */
export function asMetric(family: Family): Metric {
  const { name, help, type } = family;
  const get = (): Promise<MetricObjectWithValues<MetricValue<string>>> =>
    Promise.resolve({ name, help, type, aggregator: 'sum', values: [...family.values()] } as never);
  return { name, help, get } as unknown as Metric;
}
