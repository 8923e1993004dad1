import { type Change, ConditionState, EndReason, GoneReason, ReservationGoneReason } from '@berth/client';
import {
  benchView,
  enumWords,
  leaseView,
  requestView,
  requirementText,
  reservationView,
  stateName,
  stateText,
} from '@berth/views';
import { benchNames } from '../lease-reference.js';

type Kind = NonNullable<Change['kind']>;

/** A change in one line, for people. */
export function changeText(kind: Kind): string {
  switch (kind.$case) {
    case 'requestPut': {
      const { requirements, owner, position, detached } = kind.value;
      const away = detached ? ' (away)' : '';
      return `${owner}${away} waits for ${requirements.map(requirementText).join(' + ')}, place ${position}`;
    }
    case 'requestGone': {
      const { requestId, reason, message } = kind.value;
      return `request ${requestId} left the queue: ${enumWords(GoneReason, reason)}${message && `, ${message}`}`;
    }
    case 'leasePut':
      return `${kind.value.owner} holds ${benchNames(kind.value)} (${kind.value.id})${kind.value.detached ? ', connection lost' : ''}`;
    case 'leaseEnded': {
      const { lease, reason, actor, message } = kind.value;
      const by = actor && actor.name !== lease?.owner ? ` by ${actor.name}` : '';
      return `${lease?.owner ?? 'somebody'} gave up ${lease ? benchNames(lease) : ''}: ${enumWords(EndReason, reason)}${by}${message && `, ${message}`}`;
    }
    case 'benchPut': {
      const { name, condition } = kind.value;
      const ready = (condition?.state ?? ConditionState.READY) === ConditionState.READY;
      const state = ready ? stateText(kind.value) : `${stateName(condition?.state)}: ${condition?.reason ?? ''}`;
      return `bench ${name}: ${state}`;
    }
    case 'benchRemoved':
      return `bench ${kind.value} was removed`;
    case 'offerPut': {
      const { pool, available, blockedReason } = kind.value;
      return `pool ${pool} could make ${available}${blockedReason && `: ${blockedReason}`}`;
    }
    case 'offerRemoved':
      return `pool ${kind.value} offers nothing any more`;
    case 'reservationPut': {
      const { id, benches, owners, startTime, endTime, started } = kind.value;
      const who = owners.length === 0 ? 'operators' : owners.join(', ');
      const span = `from ${startTime?.toISOString() ?? ''} until ${endTime?.toISOString() ?? ''}`;
      return `${benches.join(', ')} ${started ? 'is' : 'will be'} booked by ${who} ${span} (${id})`;
    }
    case 'reservationGone':
      return `booking ${kind.value.id} has no benches any more: ${enumWords(ReservationGoneReason, kind.value.reason)}`;
  }
}

/** A change as `-o json` and `-o yaml` show it. */
export function changeView(kind: Kind): object {
  switch (kind.$case) {
    case 'requestPut':
      return { change: 'requestPut', request: requestView(kind.value) };
    case 'requestGone':
      return {
        change: 'requestGone',
        ...kind.value,
        reason: GoneReason[kind.value.reason],
        actor: kind.value.actor?.name,
      };
    case 'leasePut':
      return { change: 'leasePut', lease: leaseView(kind.value) };
    case 'leaseEnded': {
      const { lease, reason, actor, message, endTime } = kind.value;
      return {
        change: 'leaseEnded',
        lease: lease && leaseView(lease),
        reason: EndReason[reason],
        actor: actor?.name,
        message,
        endTime,
      };
    }
    case 'benchPut':
      return { change: 'benchPut', bench: benchView(kind.value) };
    case 'benchRemoved':
      return { change: 'benchRemoved', name: kind.value };
    case 'offerPut':
      return { change: 'offerPut', offer: kind.value };
    case 'offerRemoved':
      return { change: 'offerRemoved', pool: kind.value };
    case 'reservationPut':
      return { change: 'reservationPut', reservation: reservationView(kind.value) };
    case 'reservationGone': {
      const { id, reason, version } = kind.value;
      return { change: 'reservationGone', booking: id, reason: ReservationGoneReason[reason], version };
    }
  }
}
