import { status } from '@grpc/grpc-js';
import { Buckets, Cell } from './cells.js';
import type { Labelled } from './families.js';
import { counterFamily, gaugeFamily, histogramFamily } from './families.js';
import type { ProcessMetrics } from './process-metrics.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const CODES = Object.values(status).filter((code) => typeof code === 'number');

/** What is counted of the calls of one method. */
export class MethodMetrics {
  /** Ended calls, by their code. */
  readonly ended = CODES.map(() => new Cell());
  /** How long calls with one answer took. */
  readonly seconds = new Buckets(SECONDS);
  /** Calls that are being served. */
  open = 0;

  constructor(
    /** `berth.lease.v1.LeaseService/Acquire`. */
    readonly name: string,
    /** Whether it streams, so that its length says nothing of the server. */
    readonly isStream: boolean,
  ) {}
}

/** The metrics of the calls of a process. */
export class CallMetrics {
  readonly #methods: MethodMetrics[] = [];

  constructor(metrics: ProcessMetrics) {
    metrics.add(
      counterFamily('berth_calls_total', 'Calls that ended, by method and gRPC code.', () => this.#ended()),
      histogramFamily('berth_call_duration_seconds', 'How long calls with one answer took, by method.', () =>
        this.#seconds(),
      ),
      gaugeFamily('berth_open_streams', 'Streams that are open, by method.', () => this.#streams()),
    );
  }

  /** The metrics of a method by its path. */
  of(path: string, isStream: boolean): MethodMetrics {
    const method = new MethodMetrics(path.replace(/^\//, ''), isStream);
    this.#methods.push(method);
    return method;
  }

  /** Of codes that a method never gave nothing is told: nearly all are never given. */
  *#ended(): Generator<Labelled<Cell>> {
    for (const { name, ended } of this.#methods) {
      for (const [code, cell] of ended.entries()) {
        if (cell.value > 0) yield { labels: { method: name, code: status[code] ?? String(code) }, cell };
      }
    }
  }

  *#seconds(): Generator<Labelled<Buckets>> {
    for (const { name, isStream, seconds, ended } of this.#methods) {
      if (!isStream && ended.some(({ value }) => value > 0)) yield { labels: { method: name }, cell: seconds };
    }
  }

  *#streams(): Generator<Labelled<number>> {
    for (const { name, isStream, open } of this.#methods) if (isStream) yield { labels: { method: name }, cell: open };
  }
}
