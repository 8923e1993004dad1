import { type EndReason, HoldMode, Lease, WaitReason } from '@berth/proto/berth/lease/v1/lease';
import {
  type AcquireResponse,
  LeaseServiceDefinition,
  type LeaseServiceImplementation,
} from '@berth/proto/berth/lease/v1/lease_service';
import { ErrorInfo, RetryInfo } from '@berth/proto/google/rpc/error_details';
import { Status as StatusProto } from '@berth/proto/google/rpc/status';
import type { ExecutionContext } from 'ava';
import { type CallContext, createServer, ServerError, Status } from 'nice-grpc';
import { type Berth, connect } from './connect.js';
import { toDuration } from './span.js';

/** The other end of the wire, following a test's script: it breaks streams on purpose, which a real server does not. */
export interface Peer {
  readonly berth: Berth;
  readonly address: string;
  /** Drops every connection, as a crash does, and listens on the same port again. */
  readonly crash: () => Promise<void>;
  /** Drops every connection. */
  readonly stop: () => void;
  /** Listens on the same port again. */
  readonly restart: () => Promise<void>;
}

/** Starts a peer that answers with `script`, and a client for it. Both end with the test. */
export async function startPeer(t: ExecutionContext, script: Partial<LeaseServiceImplementation>): Promise<Peer> {
  const names = Object.keys(LeaseServiceDefinition.methods);
  const refuse = (): never => {
    throw new ServerError(Status.UNIMPLEMENTED, 'not in the script');
  };
  const implementation = {
    ...Object.fromEntries(names.map((name) => [name, refuse])),
    checkToken: () => Promise.resolve({ current: true, holder: 'tester', remaining: undefined }),
    ...script,
  } as LeaseServiceImplementation;
  let server = createServer();
  server.add(LeaseServiceDefinition, implementation);
  const port = await server.listen('127.0.0.1:0');
  const address = `127.0.0.1:${String(port)}`;
  const berth = connect({ address, user: 'tester' });
  t.teardown(() => {
    berth.close();
    server.forceShutdown();
  });
  const stop = (): void => {
    server.forceShutdown();
  };
  const restart = async (): Promise<void> => {
    server = createServer();
    server.add(LeaseServiceDefinition, implementation);
    await server.listen(address);
  };
  return {
    berth,
    address,
    stop,
    restart,
    async crash() {
      stop();
      await restart();
    },
  };
}

/** Waits until the client has hung up. */
export async function hungUp({ signal }: CallContext): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true });
  });
}

/** A `queued` message. */
export function queued(requestId: string, position = 1): AcquireResponse {
  const value = {
    position,
    waiting: 1,
    reason: WaitReason.HELD,
    candidates: [],
    candidateTotal: 0,
    offers: [],
    claimedBenches: [],
    heldLimit: undefined,
  };
  return { event: { $case: 'queued', value: { ...value, requestId, estimatedWait: undefined } } };
}

/** A `granted` message. */
export function granted(lease: Parameters<typeof Lease.fromPartial>[0]): AcquireResponse {
  const value = { lease: Lease.fromPartial({ id: 'ls-1', hold: HoldMode.CONNECTION, fencingToken: 7, ...lease }) };
  return { event: { $case: 'granted', value } };
}

/** An `ended` message. */
export function ended(reason: EndReason, actor: string, message: string): AcquireResponse {
  const value = { reason, actor: { name: actor, kind: 1 }, message, endTime: undefined, leaseId: 'ls-1' };
  return { event: { $case: 'ended', value } };
}

/** The error with details that a Berth server sends. */
export function described(
  context: CallContext,
  code: Status,
  reason: string,
  message: string,
  retryAfterMs?: number,
): ServerError {
  const info = ErrorInfo.encode(ErrorInfo.fromPartial({ reason, domain: 'berth.dev', metadata: { a: 'b' } })).finish();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(info) }];
  if (retryAfterMs !== undefined) {
    const retry = RetryInfo.encode({ retryDelay: toDuration(retryAfterMs) }).finish();
    details.push({ typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: Buffer.from(retry) });
  }
  const bytes = StatusProto.encode({ code, message, details }).finish();
  context.trailer.set('grpc-status-details-bin', bytes);
  return new ServerError(code, message);
}
