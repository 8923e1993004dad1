import type { Berth, Lease } from '@berth/client';
import { BerthError, HoldMode } from '@berth/client';
import type { SeededRandom } from '@berth/testkit';
import { newRequestId } from './acquire-call.js';
import type { ClusterHistory } from './cluster-history.js';
import type { HolderWork } from './roaming-client.js';
import { CALL_WITHIN_MS, untilAnswered } from './until-answered.js';

type Call = (berth: Berth) => Promise<unknown>;

interface Answered {
  readonly what: string;
  readonly call: Call;
  /** The answer as JSON, or the reason why it was refused. */
  readonly answer: string;
}

const ONCE = { timeoutMs: CALL_WITHIN_MS, retry: false } as const;
/** Answers that are asked for again later. */
const KEPT = 20;

/**
 * What a client of the random load does with its benches: it changes them, transfers them, gives them back, asks again for
 * what it holds, and repeats earlier commands with their request ids. Each command's answer must tell of that very command,
 * and a repeat must tell the same.
 */
export class LoadWork implements HolderWork {
  readonly #answered: Answered[] = [];

  constructor(
    private readonly name: string,
    private readonly history: ClusterHistory,
    private readonly random: SeededRandom,
  ) {}

  async use(replica: () => Berth, lease: Lease, repeatAcquire: (() => Promise<void>) | undefined): Promise<void> {
    if (this.random.chance(0.3)) await this.#moveBench(replica, lease);
    if (this.random.chance(0.3)) await repeatAcquire?.();
    if (this.random.chance(0.5)) await this.#repeatOne(replica);
  }

  async giveBack(replica: () => Berth, lease: Lease): Promise<boolean> {
    if (this.random.chance(0.4)) await this.#release(replica, await this.#transfer(replica, lease));
    else await this.#release(replica, lease.id);
    return true;
  }

  async #moveBench(replica: () => Berth, lease: Lease): Promise<void> {
    const name = lease.benches[0]?.name ?? '';
    const requestId = newRequestId(this.name);
    const location = `moved by ${requestId}`;
    const update = { bench: { name, location }, updateMask: ['location'], requestId };
    const answer = await this.#do(`move ${requestId}`, replica, async (berth) => {
      const { bench } = await berth.inventory.updateBench(update, ONCE);
      return [bench?.name, bench?.location, bench?.attributes, bench?.etag];
    });
    if (!answer.includes(JSON.stringify(location))) this.#wrong(`its move of ${name} to '${location}'`, answer);
  }

  /** Gives the lease to another name and answers the new lease's id. */
  async #transfer(replica: () => Berth, { id: leaseId }: Lease): Promise<string> {
    const requestId = newRequestId(this.name);
    const newOwner = `${this.name}-next`;
    const request = { leaseId, newOwner, reason: 'random load', hold: HoldMode.MANUAL, requestId };
    let next = '';
    await this.#do(`transfer ${requestId}`, replica, async (berth) => {
      const { lease } = await berth.lease.transfer(request, ONCE);
      if (lease?.owner !== newOwner) this.#wrong(`its transfer to ${newOwner}`, JSON.stringify(lease));
      next = lease?.id ?? '';
      return [lease?.id, lease?.fencingToken, lease?.owner, lease?.benches.map(({ name }) => name)];
    });
    return next;
  }

  async #release(replica: () => Berth, leaseId: string): Promise<void> {
    const requestId = newRequestId(this.name);
    await this.#do(`release ${requestId}`, replica, async (berth) => {
      // A repeat finds it ended: `released` is then false, as the proto says, and not part of what must be the same.
      await berth.lease.release({ leaseId, requestId }, ONCE);
    });
  }

  async #do(what: string, replica: () => Berth, call: Call): Promise<string> {
    const answer = await ask(replica, call);
    this.#answered.push({ what, call, answer });
    if (this.#answered.length > KEPT) this.#answered.shift();
    return answer;
  }

  async #repeatOne(replica: () => Berth): Promise<void> {
    if (this.#answered.length === 0) return;
    const { what, call, answer } = this.random.pick(this.#answered);
    const repeated = await ask(replica, call);
    if (repeated !== answer) this.#wrong(`its repeat of ${what}, first answered with ${answer}`, repeated);
  }

  #wrong(asked: string, answer: string): void {
    this.history.add({ kind: 'wrong', message: `${this.name} was told of ${asked}: ${answer}` });
  }
}

async function ask(replica: () => Berth, call: Call): Promise<string> {
  try {
    return JSON.stringify((await untilAnswered(() => call(replica()))) ?? 'done');
  } catch (error) {
    if (error instanceof BerthError) return `refused with ${error.reason}`;
    throw error;
  }
}
