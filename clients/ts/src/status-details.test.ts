import { ErrorInfo, ResourceInfo } from '@berth/proto/google/rpc/error_details';
import { Status as StatusProto } from '@berth/proto/google/rpc/status';
import test from 'ava';
import { ClientError, Metadata, Status } from 'nice-grpc-common';
import { BerthError } from './berth-error.js';
import { toBerthError } from './status-details.js';

function bytesOf<T>(type: { encode: (message: T) => { finish: () => Uint8Array } }, message: T): Buffer {
  return Buffer.from(type.encode(message).finish());
}

test('an error about several benches tells each with its holder', (t) => {
  const benches = ['b1', 'b2'].map((name) => ({
    typeUrl: 'type.googleapis.com/google.rpc.ResourceInfo',
    value: bytesOf(
      ResourceInfo,
      ResourceInfo.fromPartial({ resourceType: 'berth.dev/Bench', resourceName: name, owner: `holder of ${name}` }),
    ),
  }));
  const info = bytesOf(ErrorInfo, ErrorInfo.fromPartial({ reason: 'BENCH_BUSY', domain: 'berth.dev' }));
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: info }, ...benches];
  const trailer = new Metadata();
  trailer.set(
    'grpc-status-details-bin',
    StatusProto.encode({ code: Status.RESOURCE_EXHAUSTED, message: '', details }).finish(),
  );
  const error = toBerthError(new ClientError('/x/Acquire', Status.RESOURCE_EXHAUSTED, 'nothing is free'), trailer);
  if (!(error instanceof BerthError)) throw new Error('not a BerthError');
  t.deepEqual(
    error.details.resources?.map(({ name, owner }) => [name, owner]),
    [
      ['b1', 'holder of b1'],
      ['b2', 'holder of b2'],
    ],
  );
  t.is(error.details.resource?.name, 'b1');
});
