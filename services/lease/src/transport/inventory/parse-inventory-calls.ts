import { Bench, Offer as OfferMessage } from '@berth/proto/berth/lease/v1/bench';
import type {
  ApplyInventoryRequest,
  CreateBenchRequest,
  DeleteBenchRequest,
  FinishCleaningRequest,
  PutOfferRequest,
  SetConditionRequest,
} from '@berth/proto/berth/lease/v1/inventory_service';
import { lineFault, MAX_NAME, nameFault, parseRequest, proseFault } from '@berth/server';
import type { BenchSpec, Offer } from '../../domain/index.js';
import { parseInventory } from '../inventory-file/inventory-yaml.js';
import { parseBenchList, parseBenchSpec, parseOffer, parseOrigin } from './parse-bench.js';
import type { NewCondition } from './parse-condition.js';
import { parseCondition } from './parse-condition.js';

/** A new bench, and where it comes from. Throws INVALID_FIELD. */
export function parseCreateBench(request: CreateBenchRequest): { spec: BenchSpec; origin: string } {
  return parseRequest(request, (faults) => {
    if (request.bench === undefined) faults.add('bench', 'is missing; give at least its name');
    const bench = request.bench ?? Bench.create({ name: 'missing' });
    const spec = parseBenchSpec(bench, 'bench', faults);
    return { spec, origin: parseOrigin(bench.origin, 'bench.origin', faults) };
  });
}

/** What benches the inventory shall have. Throws INVALID_INVENTORY for a file, INVALID_FIELD for messages. */
export function parseSpecs(request: ApplyInventoryRequest): readonly BenchSpec[] {
  const { inventory } = request;
  const listed = parseRequest(request, (faults) => {
    if (inventory === undefined) faults.add('inventory', "is missing; give 'yaml' (a file's text) or 'benches'");
    return inventory?.$case === 'benches' ? parseBenchList(inventory.value.benches, 'benches.benches', faults) : [];
  });
  return inventory?.$case === 'yaml' ? parseInventory(inventory.value).benches : listed;
}

/** A bench's new condition. Throws INVALID_FIELD. */
export function parseSetCondition(request: SetConditionRequest): NewCondition {
  return parseRequest(request, (faults) => {
    faults.check('name', nameFault(request.name));
    return parseCondition(request.condition, faults);
  });
}

/** Throws INVALID_FIELD for what cannot be a bench, and for a reason that cannot be told to people. */
export function checkDeleteBench(request: DeleteBenchRequest): void {
  parseRequest(request, (faults) => {
    faults.check('name', nameFault(request.name));
    faults.check('reason', proseFault(request.reason));
  });
}

/** Throws INVALID_FIELD for what cannot be a bench, a fencing token or an affinity. */
export function checkFinishCleaning(request: FinishCleaningRequest): void {
  const { name, fencingToken, affinity } = request;
  parseRequest(request, (faults) => {
    faults.check('name', nameFault(name));
    if (fencingToken <= 0)
      faults.add('fencing_token', `is ${fencingToken}; give the cleaning_token that the bench had when it was cleaned`);
    if (affinity !== undefined) faults.check('affinity', lineFault(affinity, MAX_NAME));
  });
}

/** What a pool could make. Throws INVALID_FIELD. */
export function parsePutOffer(request: PutOfferRequest): Offer {
  return parseRequest(request, (faults) => {
    if (request.offer === undefined) faults.add('offer', "is missing; give at least its pool's name");
    return parseOffer(request.offer ?? OfferMessage.create({ pool: 'missing' }), 'offer', faults);
  });
}
