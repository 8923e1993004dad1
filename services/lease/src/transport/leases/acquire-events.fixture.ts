import type { Lease } from '@berth/proto/berth/lease/v1/lease';
import type {
  AcquireRequest as AcquireRequestMessage,
  AcquireResponse,
} from '@berth/proto/berth/lease/v1/lease_service';
import type { TestStream } from '@berth/testkit/test-client';
import type { LabServer } from '../lab-server.fixture.js';

type Event = NonNullable<AcquireResponse['event']>;
type Case = Event['$case'];
type ValueOf<C extends Case> = Extract<Event, { $case: C }>['value'];

/** The next event of this kind on an Acquire stream; others are passed over. */
export async function eventOf<C extends Case>(stream: TestStream<AcquireResponse>, kind: C): Promise<ValueOf<C>> {
  for (;;) {
    const { event } = await stream.next();
    if (event?.$case === kind) return event.value as ValueOf<C>;
  }
}

/** The lease that a stream is granted. */
export async function leaseOn(stream: TestStream<AcquireResponse>): Promise<Lease> {
  const { lease } = await eventOf(stream, 'granted');
  if (lease === undefined) throw new Error('granted without a lease');
  return lease;
}

type AcquireRequest = Parameters<typeof AcquireRequestMessage.fromPartial>[0];

/** Acquires, and waits for the grant. */
export async function acquire(
  server: LabServer,
  request: AcquireRequest,
  caller?: string,
): Promise<{ stream: TestStream<AcquireResponse>; lease: Lease }> {
  const stream = server.lease.open('acquire', request, caller);
  return { stream, lease: await leaseOn(stream) };
}
