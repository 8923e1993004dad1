import type { Cores } from './cores.js';
import type { Row } from './report/row.js';

/** What all suites are given. */
export interface BenchContext {
  readonly root: string;
  /** A folder on the disk of the checkout; a data directory of each server goes into it. */
  readonly dataRoot: string;
  readonly cores: Cores;
  /** How often ceiling and subject take turns. */
  readonly repeats: number;
  /** Length of one turn. */
  readonly seconds: number;
  /** Scales crowds and counts down in quick mode: 1, or less. */
  readonly scale: number;
  /** Where the bundled programs of the benchmarks are. */
  readonly programs: {
    readonly ceiling: string;
    readonly load: string;
    readonly httpJson: string;
    readonly berthd: string;
  };
}

/** A group of rows that share their servers. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Why it cannot run here, if so. */
  readonly missing?: () => string | undefined;
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}
