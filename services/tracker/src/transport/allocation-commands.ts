import type { AllocationServiceDefinition } from '@berth/proto/berth/tracker/v1/allocation_service';
import * as messages from '@berth/proto/berth/tracker/v1/allocation_service';
import type { CallContext, ServiceImplementation } from '@berth/server';
import { byOf, parseRequest, proseFault, requestKey, runBatch } from '@berth/server';
import type { AllocationCommand } from '../app/command-allocations.js';
import { commandAllocation, commandAllocations, releaseByAttributes } from '../app/command-allocations.js';
import { closeGroupOf, openGroup } from '../app/groups.js';
import { registerIntent, registerIntents, rehearseIntent } from '../app/register-intents.js';
import { allocationOf, groupOf, resultsOf } from './allocation-to-proto.js';
import {
  parseAttributesOf,
  parseConfirm,
  parseExtend,
  parseFail,
  parseFailRelease,
  parseProtection,
  parseRelease,
} from './parse-commands.js';
import { parseIntent } from './parse-intent.js';
import type { HandlerDeps } from './tracker-calls.js';
import { nameTextFault } from './value-rules.js';

type Commands = Pick<
  ServiceImplementation<AllocationServiceDefinition>,
  | 'registerIntent'
  | 'confirmAllocation'
  | 'failAllocation'
  | 'confirmRelease'
  | 'failRelease'
  | 'extend'
  | 'releaseByAttributes'
  | 'setProtection'
  | 'batchRegisterIntents'
  | 'batchConfirmAllocations'
  | 'batchFailAllocations'
  | 'batchConfirmReleases'
  | 'batchFailReleases'
  | 'openGroup'
  | 'closeGroup'
>;

/** The methods of AllocationService that change allocations and groups. */
export function allocationCommands({ context }: HandlerDeps): Commands {
  async function one(command: AllocationCommand, call: CallContext) {
    return { allocation: allocationOf(await commandAllocation(context(), command, byOf(call))) };
  }

  async function many<R>(
    requests: readonly R[],
    parse: (request: R, caller: CallContext['caller'], path: string) => AllocationCommand,
    call: CallContext,
  ) {
    const answers = await runBatch(
      requests,
      (request, path) => parse(request, call.caller, path),
      (commands) => commandAllocations(context(), commands, byOf(call)),
    );
    return { results: resultsOf(answers) };
  }

  return {
    async registerIntent(request, call) {
      const intent = parseIntent(request, call.caller);
      if (request.validateOnly) {
        const value = await rehearseIntent(context(), intent, byOf(call));
        return { allocation: allocationOf({ value, revision: '' }) };
      }
      return { allocation: allocationOf(await registerIntent(context(), intent, byOf(call))) };
    },

    confirmAllocation(request, call) {
      return one(parseConfirm(request, call.caller), call);
    },

    failAllocation(request, call) {
      return one(parseFail(request, call.caller), call);
    },

    confirmRelease(request, call) {
      return one(parseRelease(request, call.caller), call);
    },

    failRelease(request, call) {
      return one(parseFailRelease(request, call.caller), call);
    },

    extend(request, call) {
      return one(parseExtend(request, call.caller), call);
    },

    async releaseByAttributes(request, call) {
      const attributes = parseAttributesOf(request);
      const key = requestKey('ReleaseByAttributes', messages.ReleaseByAttributesRequest, request, call.caller);
      return { allocation: allocationOf(await releaseByAttributes(context(), attributes, key, byOf(call))) };
    },

    setProtection(request, call) {
      return one(parseProtection(request, call.caller), call);
    },

    async batchRegisterIntents({ requests }, call) {
      const answers = await runBatch(
        requests,
        (request, path) => parseIntent(request, call.caller, path),
        (intents) => registerIntents(context(), intents, byOf(call)),
      );
      return { results: resultsOf(answers) };
    },

    batchConfirmAllocations({ requests }, call) {
      return many(requests, parseConfirm, call);
    },

    batchFailAllocations({ requests }, call) {
      return many(requests, parseFail, call);
    },

    batchConfirmReleases({ requests }, call) {
      return many(requests, parseRelease, call);
    },

    batchFailReleases({ requests }, call) {
      return many(requests, parseFailRelease, call);
    },

    async openGroup(request, call) {
      parseRequest(request, (faults) => {
        faults.require('owner', request.owner, nameTextFault);
        faults.check('description', proseFault(request.description));
      });
      const key = requestKey('OpenGroup', messages.OpenGroupRequest, request, call.caller);
      return { group: groupOf(await openGroup(context(), request, key, byOf(call))) };
    },

    async closeGroup(request, call) {
      parseRequest(request, (faults) => {
        faults.require('id', request.id);
      });
      const key = requestKey('CloseGroup', messages.CloseGroupRequest, request, call.caller);
      const { group, live } = await closeGroupOf(context(), request.id, request.success, key, byOf(call));
      return { group: groupOf(group), live };
    },
  };
}
