import { Bench, Offer as OfferMessage } from '@berth/proto/berth/lease/v1/bench';
import type {
  ApplyInventoryRequest,
  CreateBenchRequest,
  PutOfferRequest,
  SetConditionRequest,
} from '@berth/proto/berth/lease/v1/inventory_service';
import { Faults, nameFault, requestIdFault } from '@berth/server';
import type { BenchSpec, Offer } from '../../domain/index.js';
import { parseInventory } from '../inventory-file/inventory-yaml.js';
import { parseBenchList, parseBenchSpec, parseOffer, parseOrigin } from './parse-bench.js';
import type { NewCondition } from './parse-condition.js';
import { parseCondition } from './parse-condition.js';

/** A new bench, and where it comes from. Throws INVALID_FIELD. */
export function parseCreateBench({ bench, requestId }: CreateBenchRequest): { spec: BenchSpec; origin: string } {
  const faults = new Faults();
  faults.check('request_id', requestIdFault(requestId));
  if (bench === undefined) faults.add('bench', 'is missing; give at least its name');
  const given = bench ?? Bench.create({ name: 'missing' });
  const parsed = {
    spec: parseBenchSpec(given, 'bench', faults),
    origin: parseOrigin(given.origin, 'bench.origin', faults),
  };
  faults.throwIfAny();
  return parsed;
}

/** What benches the inventory shall have. Throws INVALID_INVENTORY for a file, INVALID_FIELD for messages. */
export function parseSpecs({ inventory, requestId }: ApplyInventoryRequest): readonly BenchSpec[] {
  const faults = new Faults();
  faults.check('request_id', requestIdFault(requestId));
  if (inventory === undefined) faults.add('inventory', "is missing; give 'yaml' (a file's text) or 'benches'");
  const listed =
    inventory?.$case === 'benches' ? parseBenchList(inventory.value.benches, 'benches.benches', faults) : [];
  faults.throwIfAny();
  return inventory?.$case === 'yaml' ? parseInventory(inventory.value).benches : listed;
}

/** A bench's new condition. Throws INVALID_FIELD. */
export function parseSetCondition({ name, condition, requestId }: SetConditionRequest): NewCondition {
  const faults = new Faults();
  faults.check('name', nameFault(name));
  const parsed = parseCondition(condition, faults);
  faults.check('request_id', requestIdFault(requestId));
  faults.throwIfAny();
  return parsed;
}

/** What a pool could make. Throws INVALID_FIELD. */
export function parsePutOffer({ offer, requestId }: PutOfferRequest): Offer {
  const faults = new Faults();
  faults.check('request_id', requestIdFault(requestId));
  if (offer === undefined) faults.add('offer', "is missing; give at least its pool's name");
  const parsed = parseOffer(offer ?? OfferMessage.create({ pool: 'missing' }), 'offer', faults);
  faults.throwIfAny();
  return parsed;
}
