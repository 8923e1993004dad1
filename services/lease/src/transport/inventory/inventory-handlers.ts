import type { InventoryServiceDefinition } from '@berth/proto/berth/lease/v1/inventory_service';
import type { ServiceImplementation } from '@berth/server';
import { byOf, isOperator, requireBench } from '@berth/server';
import {
  benchNamed,
  planAnnounce,
  planApplyInventory,
  planCreateBench,
  planDeleteBench,
  planFinishCleaning,
  planPutOffer,
  planRemoveOffer,
  planSetCondition,
  planUpdateBench,
} from '../../domain/index.js';
import { sees } from '../access.js';
import { benchOf, offerOf } from './bench-to-proto.js';
import type { HandlerDeps } from '../handler-deps.js';
import { openLab, openOrMakeLab } from '../handler-deps.js';
import { exportInventory } from '../inventory-file/export-inventory.js';
import { listBenches } from './list-benches.js';
import { namesThatFit } from './names-that-fit.js';
import { mutate } from '../commands/mutation.js';
import {
  APPLY_INVENTORY,
  CREATE_BENCH,
  DELETE_BENCH,
  DELETE_OFFER,
  FINISH_CLEANING,
  PUT_OFFER,
  SET_CONDITION,
  UPDATE_BENCH,
} from '../commands/mutations.js';
import { checkName } from '../leases/parse-calls.js';
import {
  checkDeleteBench,
  checkFinishCleaning,
  parseCreateBench,
  parsePutOffer,
  parseSetCondition,
  parseSpecs,
} from './parse-inventory-calls.js';
import { announcementOf, parseUpdateBench, settledParts } from './parse-update-bench.js';

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
      const { spec, origin } = parseCreateBench(request);
      const lab = await openOrMakeLab(deps, request.lab);
      return mutate(CREATE_BENCH, lab, request, call, (draft) => {
        planCreateBench(draft, spec, origin);
        return { bench: benchOf(lab, benchNamed(draft.state, spec.name), true) };
      });
    },

    async updateBench(request, call) {
      const { name, etag, change, changes } = parseUpdateBench(request);
      requireBench(call, name);
      const announcement = call.caller.benches && announcementOf(changes, call.caller);
      const lab = await openLab(deps, request.lab);
      return mutate(UPDATE_BENCH, lab, request, call, (draft) => {
        if (announcement === undefined) planUpdateBench(draft, name, etag, change, settledParts(changes));
        else planAnnounce(draft, name, etag, announcement);
        return { bench: benchOf(lab, benchNamed(draft.state, name), isOperator(call)) };
      });
    },

    async deleteBench(request, call) {
      const { name, etag, force, onlyIdle, reason } = request;
      checkDeleteBench(request);
      const lab = await openLab(deps, request.lab);
      return mutate(DELETE_BENCH, lab, request, call, (draft) => ({
        removed: planDeleteBench(draft, name, etag, { force, onlyIdle, reason }, byOf(call)),
      }));
    },

    async applyInventory(request, call) {
      const { prune, force } = request;
      const specs = parseSpecs(request);
      const lab = await openOrMakeLab(deps, request.lab);
      return mutate(APPLY_INVENTORY, lab, request, call, (draft) => {
        const applied = planApplyInventory(draft, { specs, prune, force }, byOf(call));
        return { ...namesThatFit(applied), revision: draft.state.revision };
      });
    },

    async exportInventory(request, call) {
      return exportInventory(await openLab(deps, request.lab), request, isOperator(call));
    },

    async setCondition(request, call) {
      const { name, etag } = request;
      const condition = parseSetCondition(request);
      requireBench(call, name);
      const lab = await openLab(deps, request.lab);
      return mutate(SET_CONDITION, lab, request, call, (draft) => {
        planSetCondition(draft, name, etag, condition, byOf(call));
        return { bench: benchOf(lab, benchNamed(draft.state, name), isOperator(call)) };
      });
    },

    async finishCleaning(request, call) {
      const { name, fencingToken, affinity } = request;
      checkFinishCleaning(request);
      const lab = await openLab(deps, request.lab);
      return mutate(FINISH_CLEANING, lab, request, call, (draft) => {
        planFinishCleaning(draft, name, fencingToken, affinity);
        return { bench: benchOf(lab, benchNamed(draft.state, name), true) };
      });
    },

    async putOffer(request, call) {
      const offer = parsePutOffer(request);
      const lab = await openOrMakeLab(deps, request.lab);
      return mutate(PUT_OFFER, lab, request, call, (draft) => ({ offer: offerOf(planPutOffer(draft, offer)) }));
    },

    async deleteOffer(request, call) {
      const { pool } = request;
      checkName('pool', pool, request);
      const lab = await openLab(deps, request.lab);
      return mutate(DELETE_OFFER, lab, request, call, (draft) => {
        planRemoveOffer(draft, pool);
        return {};
      });
    },
  };
}
