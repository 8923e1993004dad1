import { connect } from 'node:http2';
import type { ListenAddress } from '@berth/server';
import { formatListenAddress } from '@berth/server';
import { SESSION_OPTIONS } from './remote-target.js';
import type { RoleTarget, RoleTargets } from './role-target.js';

/** The gRPC server of this process, which listens on loopback. */
export function ownTargets(address: () => ListenAddress): RoleTargets {
  const target: RoleTarget = {
    name: 'this process',
    serving: true,
    leaves: () => undefined,
    connect: () => connect(`http://${formatListenAddress(address())}`, SESSION_OPTIONS),
  };
  return { role: 'gateway', isServing: true, candidates: () => [target] };
}
