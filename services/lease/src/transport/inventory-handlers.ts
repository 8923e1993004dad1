import type { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import * as messages from '@berth/proto/berth/lease/v1/inventory_service';
import type { ServiceImplementation } from '@berth/server';
import { isOperator, requireRole } from '@berth/server';
import type { Applied } from '../domain/index.js';
import {
  benchNamed,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planPutOffer,
  planRemoveOffer,
  planSetCondition,
  planUpdateBench,
} from '../domain/index.js';
import { byOf, sees } from './access.js';
import { benchOf, offerOf } from './bench-to-proto.js';
import type { HandlerDeps } from './handler-deps.js';
import { commandOf, openLab, openOrMakeLab } from './handler-deps.js';
import { benchesByName, listBenches } from './list-benches.js';
import { checkName } from './parse-calls.js';
import { parseCreateBench, parsePutOffer, parseSetCondition, parseSpecs } from './parse-inventory-calls.js';
import { parseUpdateBench } from './parse-update-bench.js';
import { writeInventory } from './write-inventory.js';

/** The methods of InventoryService. */
export function inventoryHandlers(deps: HandlerDeps): ServiceImplementation<InventoryServiceDefinition> {
  return {
    async listBenches(request, call) {
      return listBenches(await openLab(deps, request.lab), request, call);
    },

    async getBench(request, call) {
      checkName('name', request.name);
      const lab = await openLab(deps, request.lab);
      const bench = benchNamed(lab.state, request.name);
      return { bench: benchOf(lab, bench, sees(call, bench.lease?.owner)) };
    },

    async createBench(request, call) {
      requireRole(call, 'operator', 'add a bench');
      const { spec, origin } = parseCreateBench(request);
      const lab = await openOrMakeLab(deps, request.lab);
      const command = commandOf('CreateBench', messages.CreateBenchRequest, request, call, {
        plan: (draft) => planCreateBench(draft, spec, origin),
        answer: (bench) => ({ bench: benchOf(lab, bench, true) }),
        repeated: (name, state) => benchNamed(state, name),
      });
      return lab.run(command);
    },

    async updateBench(request, call) {
      requireRole(call, 'operator', 'change a bench');
      const { name, etag, change } = parseUpdateBench(request);
      const lab = await openLab(deps, request.lab);
      const command = commandOf('UpdateBench', messages.UpdateBenchRequest, request, call, {
        plan: (draft) => planUpdateBench(draft, name, etag, change),
        answer: (bench) => ({ bench: benchOf(lab, bench, true) }),
        repeated: (_, state) => benchNamed(state, name),
      });
      return lab.run(command);
    },

    async deleteBench(request, call) {
      requireRole(call, 'operator', 'remove a bench');
      const { name, etag, force, requestId } = request;
      checkName('name', name, requestId);
      const lab = await openLab(deps, request.lab);
      const command = commandOf('DeleteBench', messages.DeleteBenchRequest, request, call, {
        plan: (draft) => planDeleteBench(draft, name, etag, force, byOf(call)),
        answer: (removed) => ({ removed }),
        repeated: (data) => data === 'true',
      });
      return lab.run(command);
    },

    async applyInventory(request, call) {
      requireRole(call, 'operator', 'apply an inventory');
      const { prune, force } = request;
      const specs = parseSpecs(request);
      const lab = await openOrMakeLab(deps, request.lab);
      const command = commandOf('ApplyInventory', messages.ApplyInventoryRequest, request, call, {
        plan: (draft) => planApplyInventory(draft, { specs, prune, force }, byOf(call)),
        answer: (applied) => applied,
        repeated: (data) => JSON.parse(data) as Applied,
      });
      const { created, updated, removed, unchanged } = await lab.run(command);
      const lists = {
        created: [...created],
        updated: [...updated],
        removed: [...removed].sort(),
        unchanged: [...unchanged],
      };
      return { ...lists, revision: lab.state.revision };
    },

    async exportInventory(request, call) {
      const lab = await openLab(deps, request.lab);
      const { revision } = lab.state;
      const benches = benchesByName(lab)
        .filter((bench) => !bench.retired && (request.includePools || bench.origin === 'inventory'))
        .map((bench) => bench.spec);
      return { yaml: writeInventory({ name: lab.name, benches }, isOperator(call)), revision };
    },

    async setCondition(request, call) {
      requireRole(call, 'operator', "change a bench's condition");
      const { name, etag } = request;
      const condition = parseSetCondition(request);
      const lab = await openLab(deps, request.lab);
      const command = commandOf('SetCondition', messages.SetConditionRequest, request, call, {
        plan: (draft) => planSetCondition(draft, name, etag, condition, byOf(call)),
        answer: (bench) => ({ bench: benchOf(lab, bench, true) }),
        repeated: (_, state) => benchNamed(state, name),
      });
      return lab.run(command);
    },

    async putOffer(request, call) {
      requireRole(call, 'operator', 'put an offer');
      const offer = parsePutOffer(request);
      const lab = await openOrMakeLab(deps, request.lab);
      const command = commandOf('PutOffer', messages.PutOfferRequest, request, call, {
        plan: (draft) => planPutOffer(draft, offer),
        answer: (put) => ({ offer: offerOf(put) }),
        repeated: (pool, state) => state.offers.get(pool) ?? offer,
      });
      return lab.run(command);
    },

    async deleteOffer(request, call) {
      requireRole(call, 'operator', 'withdraw an offer');
      const { pool, requestId } = request;
      checkName('pool', pool, requestId);
      const lab = await openLab(deps, request.lab);
      const command = commandOf('DeleteOffer', messages.DeleteOfferRequest, request, call, {
        plan: (draft) => planRemoveOffer(draft, pool),
        answer: () => ({}),
        repeated: () => undefined,
      });
      return lab.run(command);
    },
  };
}
