import { BerthError } from '@berth/kernel';
import type { Command } from '../src/app/command.js';
import { assertSameRequest } from '../src/domain/index.js';
import { revisionsFrom } from '../src/app/drafted-command.js';
import type { LabCommand } from './lab-command.js';
import { planCommand } from './run-command.js';
import type { World } from './world.js';

const PASSING = ['STORE_UNAVAILABLE', 'SHUTTING_DOWN'];

/** What a command left of the lease that it was about. */
interface Answer {
  readonly lease: string;
  readonly token: number;
}

/** Gives commands that are remembered by a request id, again and again by any server: all answers are the same. */
export class SimulatedOperator {
  #count = 0;
  /** What was answered; a store that has lost data does not remember. */
  #answers = new Map<string, string>();
  readonly #given: (() => void)[] = [];

  constructor(readonly world: World) {}

  give(command: LabCommand): void {
    const id = `op${++this.#count}`;
    const give = (): void => this.#give(id, command);
    this.#given.push(give);
    give();
    if (this.world.random.chance(0.3)) give();
  }

  /** Repeats one of the last commands. */
  repeat(): void {
    const last = this.#given.slice(-4);
    if (last.length > 0) this.world.random.pick(last)();
  }

  storeLost(): void {
    this.#answers = new Map();
    this.#given.length = 0;
  }

  #give(id: string, command: LabCommand): void {
    const { random, serving } = this.world;
    if (serving.length === 0) return;
    const server = random.pick(serving);
    const answers = this.#answers;
    const isDone = answers.has(id);
    server.ask(random.int(20), () => {
      server.lab.run(asCommand(id, command)).then(
        (answer) => {
          if (answers === this.#answers) this.#told(id, answer);
        },
        (error: unknown) => {
          const passing = error instanceof BerthError && PASSING.includes(error.reason);
          if (!passing && isDone && answers === this.#answers)
            this.world.history.wrong(`${id} was done, and then refused: ${String(error)}`);
        },
      );
    });
  }

  #told(id: string, answer: Answer): void {
    const { world } = this;
    const text = JSON.stringify(answer);
    const before = this.#answers.get(id) ?? text;
    this.#answers.set(id, text);
    if (before !== text) world.history.wrong(`${id} was answered ${before}, and then ${text}`);
    if (answer.lease !== '' && !world.wasGranted(answer.lease, answer.token))
      world.history.wrong(`${id} was answered ${text}`);
  }
}

function asCommand(id: string, command: LabCommand): Command<Answer> {
  const fingerprint = JSON.stringify(command).replaceAll(' ', '_');
  return {
    requestId: id,
    fingerprint,
    plan: (draft) => {
      planCommand(draft, command);
      const lease = 'requestId' in command ? draft.state.leaseOf.get(command.requestId) : undefined;
      return { lease: lease?.id ?? '', token: lease?.token ?? 0 };
    },
    form: {
      encode: (answer) => JSON.stringify(answer),
      revise: ({ lease, token }, revisionOf) => ({ lease, token: revisionOf(token) }),
    },
    again: (kept) => {
      assertSameRequest(id, fingerprint, kept.fingerprint, () => undefined);
      const [base, text = '', first] = kept.message.split(' ');
      const { lease, token } = JSON.parse(text) as Answer;
      return { lease, token: revisionsFrom(Number(base), Number(first))(token) };
    },
  };
}
