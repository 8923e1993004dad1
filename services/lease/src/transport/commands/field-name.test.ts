import * as inventory from '@berth/proto/berth/lease/v1/inventory_service';
import { AcquireRequest, TransferRequest } from '@berth/proto/berth/lease/v1/lease_service';
import test from 'ava';
import { ACQUIRE_FIELDS } from '../../domain/index.js';
import { fieldName } from './field-name.js';

test('the fields of an Acquire are known by the numbers and names that they have in the proto', (t) => {
  for (const [number, name] of ACQUIRE_FIELDS) t.is(fieldName(AcquireRequest, number), name);
});

test('a field of any type has its name, and one that is not there has none', (t) => {
  const names = (type: Parameters<typeof fieldName>[0], count: number): unknown[] =>
    Array.from({ length: count }, (_, i) => fieldName(type, i + 1));
  t.deepEqual(names(TransferRequest, 8), [
    'lab',
    'lease_id',
    'new_owner',
    'reason',
    'hold',
    'ttl',
    'request_id',
    undefined,
  ]);
  t.deepEqual(names(inventory.UpdateBenchRequest, 5), ['lab', 'bench', 'update_mask', 'request_id', 'validate_only']);
  t.deepEqual(names(inventory.ApplyInventoryRequest, 4), ['lab', 'yaml', 'benches', 'validate_only']);
});
