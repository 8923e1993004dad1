import { hash } from 'node:crypto';
import type { Allocation } from '@berth/proto/berth/tracker/v1/allocation';
import type { RegisterIntentRequest } from '@berth/proto/berth/tracker/v1/allocation_service';
import type { Caller, Faults } from '@berth/server';
import { DAY_MS, HOUR_MS, parseAttributes, parseDuration, parseLabels, parseRequest, parseTime } from '@berth/server';
import type { IntentRequest } from '../app/register-intents.js';
import type { IntentSpec } from '../domain/index.js';
import { toPairs } from '../domain/index.js';
import { externalIdFault, kindFault, nameTextFault, parentFault } from './value-rules.js';

const TIMEOUT_LIMITS = { minMs: 1, maxMs: 30 * DAY_MS, instead: '; extend it in time' };
const DEFAULT_TIMEOUT_MS = HOUR_MS;

/** What a caller is about to allocate. `path` comes before the fields in faults. Throws INVALID_FIELD with all of them. */
export function parseIntent(message: RegisterIntentRequest, caller: Caller, path = ''): IntentRequest {
  const { allocation, requestId } = message;
  let timeoutMs = DEFAULT_TIMEOUT_MS;
  const parse = (faults: Faults): IntentSpec | undefined => {
    timeoutMs = parseDuration(message.timeout, `${path}timeout`, TIMEOUT_LIMITS, faults) ?? DEFAULT_TIMEOUT_MS;
    if (allocation === undefined) faults.add(`${path}allocation`, 'is missing; say at least its kind and owner');
    return allocation && parseSpec(allocation, `${path}allocation.`, faults);
  };
  const spec = parseRequest(message, parse, path);
  if (spec === undefined) throw new Error('an intent without allocation got through');
  // Cheaper than the wire form, and batches are large: pairs are in order, so equal requests give equal texts.
  const text = requestId === '' ? '' : JSON.stringify([caller.name, timeoutMs, spec]);
  const fingerprint = text === '' ? '' : hash('sha256', text, 'base64url').slice(0, 16);
  return { spec, timeoutMs, key: { id: requestId, fingerprint } };
}

function parseSpec(message: Allocation, path: string, faults: Faults): IntentSpec {
  const { kind, owner, application, module, group, externalId, parent } = message;
  faults.check(`${path}kind`, kindFault(kind));
  faults.require(`${path}owner`, owner, nameTextFault);
  faults.check(`${path}application`, nameTextFault(application));
  faults.check(`${path}module`, nameTextFault(module));
  faults.check(`${path}group`, externalIdFault(group));
  faults.check(`${path}external_id`, externalIdFault(externalId));
  faults.check(`${path}parent`, parentFault(parent));
  const expectedEndMs = parseTime(message.expectedEnd, `${path}expected_end`, faults);
  return {
    kind,
    owner,
    ...given({ application, module, group, externalId, parent }),
    labels: toPairs(parseLabels(message.labels, `${path}labels`, faults)),
    attributes: toPairs(parseAttributes(message.attributes, `${path}attributes`, faults)),
    ...(expectedEndMs !== undefined && { expectedEndMs }),
    protected: message.protected,
  };
}

/** The texts that are not empty. */
export function given<T extends Readonly<Record<string, string>>>(texts: T): Partial<T> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')) as Partial<T>;
}
