import type { CallContext, MessageType } from '@berth/server';
import { fingerprint, payloadOf } from '@berth/server';
import { revisionsFrom } from '../../app/drafted-command.js';
import type { Command } from '../../app/command.js';
import type { Lab } from '../../app/lab.js';
import type { Answer, Draft } from '../../domain/index.js';
import { assertSameRequest } from '../../domain/index.js';
import { decodeAnswer, encodeAnswer, reviseAnswer } from './answers.js';
import { earlierAnswer } from './earlier-answer.js';
import { fieldName } from './field-name.js';
import { markedFingerprint } from './marked-fingerprint.js';

interface Request {
  readonly lab: string;
  readonly requestId: string;
  readonly validateOnly?: boolean;
}

/** A kind of call that changes a lab, and whose answer is kept by its request id. */
export interface Mutation<R extends Request, M extends object> {
  readonly method: string;
  readonly request: MessageType<R>;
  readonly answer: MessageType<M>;
  /** Leaves out of a request what says the same as nothing: defaults that are stated. */
  readonly normal: (request: R) => R;
}

/** A kind of call by its method and messages. Without `normal`, a request is taken as it is. */
export function mutation<R extends Request, M extends object>(
  method: string,
  request: MessageType<R>,
  answer: MessageType<M>,
  normal: (request: R) => R = (given) => given,
): Mutation<R, M> {
  return { method, request, answer, normal };
}

/**
 * Runs a call that changes a lab. `plan` plans it and makes the answer from the draft's state right there: what is planned
 * after it must not show. A repeat with the same request id gets the answer of the first time.
 */
export function mutate<R extends Request, M extends object>(
  kind: Mutation<R, M>,
  lab: Lab,
  request: R,
  call: CallContext,
  plan: (draft: Draft) => M,
): Promise<M> {
  const { method, answer: type, normal } = kind;
  const { validateOnly = false } = request;
  // The answer of a rehearsal is not kept, and the real call may follow with the same id.
  const requestId = validateOnly ? '' : request.requestId;
  const { name } = call.caller;
  const payload = (): Uint8Array => payloadOf(kind.request, normal(request));
  const command: Command<M> = {
    requestId,
    fingerprint: requestId === '' ? '' : markedFingerprint(method, name, payload()),
    validateOnly,
    plan,
    form: { encode: (answer) => encodeAnswer(type, answer), revise: reviseAnswer },
    again: ({ fingerprint: known, end, message }) => {
      // Earlier versions took defaults that were stated for something else.
      const isSame = known === fingerprint(method, name, kind.request, request);
      const nameOf = (field: number): string | undefined => fieldName(kind.request, field);
      if (!isSame) assertSameRequest(requestId, command.fingerprint, known, nameOf);
      return end === 'done'
        ? (earlierAnswer(method, message, lab, request) as M)
        : keptAnswer(type, message, lab.now());
    },
  };
  return lab.run(command);
}

/** Reads what `planItem` wrote and the store stamped: the revision of the draft, the answer, and the first of the append. */
function keptAnswer<M extends object>(type: MessageType<M>, message: Answer['message'], now: number): M {
  const [base, text = '', first] = message.split(' ');
  return reviseAnswer(decodeAnswer(type, text, now), revisionsFrom(Number(base), Number(first)));
}
