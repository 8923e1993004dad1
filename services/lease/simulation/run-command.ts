import type { By } from '@berth/kernel';
import { planAcquire } from '../src/domain/commands/acquire.js';
import { planCleanFree, planFinishCleaning } from '../src/domain/commands/cleaning.js';
import {
  etagOf,
  planAnnounce,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planPutOffer,
  planRemoveOffer,
  planSetCondition,
  planUpdateBench,
} from '../src/domain/commands/inventory.js';
import { planExtend, planRelease, planRevoke, planTransfer } from '../src/domain/commands/leases.js';
import { planCancel, planPrioritise } from '../src/domain/commands/queue.js';
import { planDeleteReservation, planPutReservation } from '../src/domain/commands/reservations.js';
import { planDetach, planDue, planSessionLost } from '../src/domain/commands/streams.js';
import type { Draft } from '../src/domain/draft.js';
import type { Caller, LabCommand } from './lab-command.js';
import { TRANSFER_TTL_MS } from './lab-command.js';

const OPERATOR: Caller = { name: 'olga', operator: true };

/** Plans a simulated command with the domain. */
export function planCommand(draft: Draft, command: LabCommand): void {
  const { state } = draft;
  switch (command.kind) {
    case 'acquire':
      planAcquire(draft, command.spec, command.session);
      return;
    case 'detach':
      planDetach(draft, command.requestId, command.session);
      return;
    case 'sessionLost':
      planSessionLost(draft, command.session);
      return;
    case 'due': {
      const { due, requestId } = command;
      const ofLease = due === 'leaseGrace' || due === 'leaseEnd' || due === 'ttl';
      planDue(draft, { kind: due, id: ofLease ? leaseId(draft, requestId) : requestId });
      return;
    }
    case 'release': {
      const lease = state.leaseOf.get(command.requestId);
      const right = lease?.token ?? 0;
      const token = { none: undefined, right, wrong: right - 1 }[command.token];
      planRelease(draft, leaseId(draft, command.requestId), by(command.by), token);
      return;
    }
    case 'revoke':
      planRevoke(draft, leaseId(draft, command.requestId), by(command.by), 'needed elsewhere');
      return;
    case 'transfer': {
      const { newOwner, hold } = command;
      const ttl = hold === 'TTL' ? { ttlMs: TRANSFER_TTL_MS } : {};
      const transfer = { leaseId: leaseId(draft, command.requestId), newOwner, hold, message: '', ...ttl };
      planTransfer(draft, by(command.by), transfer);
      return;
    }
    case 'extend':
      planExtend(draft, leaseId(draft, command.requestId), by(command.by), command.durationMs);
      return;
    case 'cancel':
      planCancel(draft, command.requestId, by(command.by), '');
      return;
    case 'prioritise':
      planPrioritise(draft, command.requestId, by(OPERATOR), command.priority);
      return;
    case 'createBench':
      planCreateBench(draft, command.spec, command.origin);
      return;
    case 'updateBench': {
      const bench = state.benches.get(command.spec.name);
      const right = bench === undefined ? 'none' : etagOf(bench);
      const etag = { none: '', right, wrong: `${right}0` }[command.etag];
      planUpdateBench(draft, command.spec.name, etag, () => command.spec, command.settled);
      return;
    }
    case 'announce':
      planAnnounce(draft, command.name, '', () => command.said);
      return;
    case 'deleteBench':
      planDeleteBench(draft, command.name, '', command, by(OPERATOR));
      return;
    case 'applyInventory':
      planApplyInventory(draft, command, by(OPERATOR));
      return;
    case 'setCondition': {
      const { name, state: to, reason } = command;
      planSetCondition(draft, name, '', { state: to, reason }, by(OPERATOR));
      return;
    }
    case 'finishCleaning': {
      const { name, affinity } = command;
      const right = state.benches.get(name)?.cleaning ?? 0;
      planFinishCleaning(draft, name, command.token === 'right' ? right : right - 1, affinity);
      return;
    }
    case 'cleanFree':
      planCleanFree(draft);
      return;
    case 'putOffer':
      planPutOffer(draft, command.offer);
      return;
    case 'removeOffer':
      planRemoveOffer(draft, command.pool);
      return;
    case 'putReservation':
      planPutReservation(draft, command.spec, command.force, by(OPERATOR));
      return;
    case 'deleteReservation':
      planDeleteReservation(draft, command, by(OPERATOR));
      return;
  }
}

function leaseId(draft: Draft, requestId: string): string {
  return draft.state.leaseOf.get(requestId)?.id ?? `none-of-${requestId}`;
}

function by({ name, operator }: Caller): By {
  return { actor: { name, kind: 'caller' }, operator };
}
