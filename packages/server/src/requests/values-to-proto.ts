import type { Actor } from '@berth/kernel';
import type { Actor as ActorMessage } from '@berth/proto/berth/type/v1/actor';
import { ActorKind } from '@berth/proto/berth/type/v1/actor';
import type { Duration } from '@berth/proto/google/protobuf/duration';

const ACTOR_KINDS = { caller: ActorKind.CALLER, system: ActorKind.SYSTEM } as const;

/** A span of milliseconds; undefined stays undefined. */
export function durationOf(ms: number): Duration;
export function durationOf(ms: number | undefined): Duration | undefined;
export function durationOf(ms: number | undefined): Duration | undefined {
  if (ms === undefined) return undefined;
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1e6);
  // A fraction may round up to a second.
  return nanos < 1e9 ? { seconds, nanos } : { seconds: seconds + 1, nanos: 0 };
}

/** A time; undefined stays undefined. */
export function dateOf(ms: number | undefined): Date | undefined {
  return ms === undefined ? undefined : new Date(ms);
}

export function actorOf({ name, kind }: Actor): ActorMessage {
  return { name, kind: ACTOR_KINDS[kind] };
}
