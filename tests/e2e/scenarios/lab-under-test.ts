import type { Berth } from '@berth/client';
import { connect } from '@berth/client';
import { closedAfter } from '@berth/testkit';
import type { ExecutionContext } from 'ava';
import type { Cluster } from '../../driver/cluster.js';
import { CALLERS } from '../../driver/cluster-credentials.js';
import type { ProgramResult } from '../../driver/run-program.js';
import { runProgram } from '../../driver/run-program.js';
import type { Berthd } from '@berth/testkit';
import { berthCommandLine } from '@berth/testkit';

/** Berth as its users see it, however it runs. */
export interface LabUnderTest {
  /** A client of a caller; it is closed when the test ends. */
  connect(caller: string): Berth;
  /** Runs the command line for a caller. */
  berth(caller: string, ...args: string[]): Promise<ProgramResult>;
  /** Gets a page over HTTP for a caller: its status and text. */
  curl(caller: string, path: string): Promise<ProgramResult>;
}

/** A process with all roles, which believes its callers. */
export function embeddedLab(t: ExecutionContext, { address, http = '' }: Berthd): LabUnderTest {
  return {
    connect: (user) => closedAfter(t, connect({ address, user, role: CALLERS[user] ?? 'viewer' })),
    berth: (user, ...args) =>
      runBerth({ BERTH_ADDRESS: address, BERTH_USER: user, BERTH_ROLE: CALLERS[user] ?? '' }, args),
    curl: (user, path) =>
      runProgram('curl', ['-sS', '-u', `${user}:`, '-H', `berth-role: ${CALLERS[user] ?? ''}`, `${http}${path}`]),
  };
}

/** A cluster, reached by its gateways with TLS and tokens. */
export function clusterLab(cluster: Cluster): LabUnderTest {
  const { credentials, address } = cluster;
  const ca = credentials.authority.caFile;
  return {
    connect: cluster.connect,
    berth: (caller, ...args) =>
      runBerth({ BERTH_ADDRESS: address, BERTH_TOKEN_FILE: credentials.tokenFile(caller), BERTH_CA: ca }, args),
    curl: (caller, path) => {
      const bearer = `authorization: Bearer ${credentials.token(caller)}`;
      return runProgram('curl', [
        '-sS',
        '--cacert',
        ca,
        '-H',
        bearer,
        `${cluster.of('gateway')[0]?.http ?? ''}${path}`,
      ]);
    },
  };
}

function runBerth(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<ProgramResult> {
  const [program, ...first] = berthCommandLine();
  const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return runProgram('env', [
    '-i',
    `PATH=${process.env['PATH'] ?? ''}`,
    'HOME=/nonexistent',
    ...given,
    program,
    ...first,
    ...args,
  ]);
}
