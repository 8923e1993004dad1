import type { ClientHttp2Session } from 'node:http2';
import { connect } from 'node:http2';
import type { Duplex } from 'node:stream';
import { duplexPair } from './duplex-pair.js';
import { SESSION_OPTIONS } from './remote-target.js';
import type { RoleTarget, RoleTargets } from './role-target.js';

/** The gRPC server of this process, reached without a port. */
export function ownTargets(inject: (connection: Duplex) => void): RoleTargets {
  const target: RoleTarget = {
    name: 'this process',
    serving: true,
    leaves: () => undefined,
    connect(): ClientHttp2Session {
      const [near, far] = duplexPair();
      inject(far);
      return connect('http://berthd', { ...SESSION_OPTIONS, createConnection: () => near });
    },
  };
  return { role: 'gateway', isServing: true, candidates: () => [target] };
}
