import { LeaseCalls } from './lease-calls.js';

export interface WatchersJob {
  readonly address: string;
  readonly streams: number;
  readonly connections: number;
  /** The change after it is told first; any number where the server does nothing. */
  readonly fromRevision: number;
}

export interface ChangeJob {
  readonly address: string;
  /** What berthd is told to change, or the word for the server that does nothing. */
  readonly what: 'condition' | 'broadcast';
  readonly turn: number;
}

interface Watching {
  readonly calls: LeaseCalls;
  readonly streams: number;
  /** Watchers that have not been told of the present change. */
  missing: number;
  told: () => void;
}

/** A message without changes says only that the stream lives. */
const SIGN_OF_LIFE_BYTES = 64;

const watching = new Map<string, Watching>();

/** Opens watchers and resolves when each has been told a first change, so that the server knows them all. */
export async function openWatchers({ address, streams, connections, fromRevision }: WatchersJob): Promise<void> {
  const crowd: Watching = {
    calls: new LeaseCalls(address, connections),
    streams,
    missing: streams,
    told: () => undefined,
  };
  watching.set(address, crowd);
  await new Promise<void>((resolve, reject) => {
    crowd.told = resolve;
    for (let i = 0; i < streams; i++) {
      const stream = crowd.calls.watch(fromRevision);
      stream.on('data', (bytes: Buffer) => {
        if (bytes.length > SIGN_OF_LIFE_BYTES && --crowd.missing === 0) crowd.told();
      });
      stream.on('error', reject);
    }
  });
  crowd.missing = streams;
}

/** Resolves when every watcher has been told once more, with the time by the clock that all processes of a machine share. */
export async function awaitWatchers(address: string): Promise<number> {
  const crowd = watching.get(address);
  if (crowd === undefined) throw new Error(`nobody watches ${address}`);
  if (crowd.missing > 0) await new Promise<void>((resolve) => (crowd.told = resolve));
  const at = sharedMs();
  crowd.missing = crowd.streams;
  return at;
}

/** Makes one change that all watchers are told; answers when it was asked for. */
export async function makeChange({ address, what, turn }: ChangeJob): Promise<number> {
  const calls = new LeaseCalls(address, 1);
  try {
    // The connection is made before the clock starts.
    await calls.release('none');
    const at = sharedMs();
    await (what === 'condition' ? calls.changeCondition(turn) : calls.release('broadcast'));
    return at;
  } finally {
    calls.close();
  }
}

function sharedMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
