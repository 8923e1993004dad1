import { BerthError } from '@berth/kernel';
import type { ExportInventoryRequest, ExportInventoryResponse } from '@berth/proto/berth/lease/v1/inventory_service';
import { pageOf } from '@berth/server';
import type { Lab } from '../../app/lab.js';
import { benchesByName } from '../inventory/list-benches.js';
import { writeInventory } from './write-inventory.js';

/** What clients take by default is 4 MiB; the rest of the answer is small. */
const MAX_WHOLE_BYTES = (4 << 20) - 1024;
const BEFORE_BENCHES = '\n  resources:\n';

/** The lab's inventory as a file, or a part of its text. Throws MESSAGE_TOO_LARGE for a whole one that clients do not take. */
export function exportInventory(
  lab: Lab,
  request: ExportInventoryRequest,
  withProperties: boolean,
): ExportInventoryResponse {
  const { revision } = lab.state;
  const { includePools, pageSize, pageToken } = request;
  const specs = benchesByName(lab)
    .filter((bench) => !bench.retired && (includePools || bench.origin === 'inventory'))
    // What is announced is not the inventory's.
    .map((bench) => bench.base);
  if (pageSize === 0 && pageToken === '') {
    const yaml = writeInventory({ name: lab.name, benches: specs }, withProperties);
    const bytes = Buffer.byteLength(yaml);
    if (bytes > MAX_WHOLE_BYTES) throw tooLarge(bytes);
    return { yaml, revision, nextPageToken: '' };
  }
  const { messages: benches, nextPageToken } = pageOf(request, {
    items: specs,
    keyOf: ({ name }) => name,
    isAfter: ({ name }, key) => name > key,
    message: (spec) => spec,
    bytes: (spec) => Buffer.byteLength(JSON.stringify(spec)),
    scope: ['ExportInventory', lab.name, includePools],
  });
  const yaml = writeInventory({ name: lab.name, benches }, withProperties);
  const from = pageToken === '' ? 0 : yaml.indexOf(BEFORE_BENCHES) + BEFORE_BENCHES.length;
  // After a part that was not the last there may be no bench any more: then nothing is left to write.
  return { yaml: pageToken !== '' && benches.length === 0 ? '' : yaml.slice(from), revision, nextPageToken };
}

function tooLarge(bytes: number): BerthError {
  return new BerthError(
    'MESSAGE_TOO_LARGE',
    `the inventory has ${String(bytes)} bytes, more than clients take in one answer; ask for it in parts: set page_size.`,
    { metadata: { bytes: String(bytes), maxBytes: String(MAX_WHOLE_BYTES) } },
  );
}
