import { planAcquire } from '../commands/acquire.js';
import {
  etagOf,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planPutOffer,
  planRemoveOffer,
  planSetCondition,
  planUpdateBench,
} from '../commands/inventory.js';
import { planExtend, planRelease, planRevoke, planTransfer } from '../commands/leases.js';
import type { By, Planned } from '../commands/planned.js';
import { planCancel, planPrioritise } from '../commands/queue.js';
import { planDetach, planDue, planSessionLost } from '../commands/streams.js';
import type { Draft } from '../draft.js';
import type { Caller, LabCommand } from './lab-command.js';
import { TRANSFER_TTL_MS } from './lab-command.js';

const OPERATOR: Caller = { name: 'olga', operator: true };

/** Plans a simulated command with the domain. */
export function planCommand(draft: Draft, command: LabCommand): Planned<unknown> {
  const { state } = draft;
  switch (command.kind) {
    case 'acquire':
      return planAcquire(draft, command.spec, command.session);
    case 'detach':
      return planDetach(draft, command.requestId, command.session);
    case 'sessionLost':
      return planSessionLost(draft, command.session);
    case 'due': {
      const { due, requestId } = command;
      const ofRequest = due === 'wait' || due === 'requestGrace';
      return planDue(draft, { kind: due, id: ofRequest ? requestId : leaseId(draft, requestId) });
    }
    case 'release': {
      const lease = state.leaseOf.get(command.requestId);
      const right = lease?.token ?? 0;
      const token = { none: undefined, right, wrong: right - 1 }[command.token];
      return planRelease(draft, leaseId(draft, command.requestId), by(command.by), token);
    }
    case 'revoke':
      return planRevoke(draft, leaseId(draft, command.requestId), by(command.by), 'needed elsewhere');
    case 'transfer': {
      const { newOwner, hold } = command;
      const ttl = hold === 'TTL' ? { ttlMs: TRANSFER_TTL_MS } : {};
      const transfer = { leaseId: leaseId(draft, command.requestId), newOwner, hold, message: '', ...ttl };
      return planTransfer(draft, by(command.by), transfer);
    }
    case 'extend':
      return planExtend(draft, leaseId(draft, command.requestId), by(command.by), command.durationMs);
    case 'cancel':
      return planCancel(draft, command.requestId, by(command.by), '');
    case 'prioritise':
      return planPrioritise(draft, command.requestId, by(OPERATOR), command.priority);
    case 'createBench':
      return planCreateBench(draft, command.spec, command.origin);
    case 'updateBench': {
      const bench = state.benches.get(command.spec.name);
      const right = bench === undefined ? 'none' : etagOf(bench);
      const etag = { none: '', right, wrong: `${right}0` }[command.etag];
      return planUpdateBench(draft, command.spec.name, etag, () => command.spec);
    }
    case 'deleteBench':
      return planDeleteBench(draft, command.name, '', command.force, by(OPERATOR));
    case 'applyInventory':
      return planApplyInventory(draft, command, by(OPERATOR));
    case 'setCondition': {
      const { name, state: to, reason } = command;
      return planSetCondition(draft, name, '', { state: to, reason }, by(OPERATOR));
    }
    case 'putOffer':
      return planPutOffer(draft, command.offer);
    case 'removeOffer':
      return planRemoveOffer(draft, command.pool);
  }
}

function leaseId(draft: Draft, requestId: string): string {
  return draft.state.leaseOf.get(requestId)?.id ?? `none-of-${requestId}`;
}

function by({ name, operator }: Caller): By {
  return { actor: { name, kind: 'caller' }, operator };
}
