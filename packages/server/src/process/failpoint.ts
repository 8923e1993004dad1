import { BerthError } from '@berth/kernel';

/** What happens when a failpoint is reached. */
type Action = { readonly kind: 'exit' } | { readonly kind: 'error' } | { readonly kind: 'delay'; readonly ms: number };

interface Failpoint {
  readonly action: Action;
  /** The visit that triggers it, counted from 1; undefined = each one. */
  readonly visit: number | undefined;
  visits: number;
}

type Failpoints = ReadonlyMap<string, Failpoint>;

const NONE: Failpoints = new Map();
let armed: Failpoints | undefined;

/**
 * A place where a test can make the process fail, named `room.place`. Does nothing unless BERTH_FAILPOINT names it:
 * `lease.afterAppend:exit` (the process kills itself by SIGKILL), `:error` (throws), `:delay(500)` (gives a promise of
 * 500 ms), each with `@3` behind it for the third visit only; several are separated by commas.
 */
export function failpoint(name: string): Promise<void> | undefined {
  armed ??= parseFailpoints(process.env['BERTH_FAILPOINT'] ?? '');
  if (armed === NONE) return undefined;
  const point = armed.get(name);
  if (point === undefined) return undefined;
  point.visits += 1;
  if (point.visit !== undefined && point.visit !== point.visits) return undefined;
  return trigger(name, point.action);
}

/** The failpoints that the environment arms. Throws INVALID_CONFIG for a text that is none. */
export function parseFailpoints(text: string): Failpoints {
  if (text === '') return NONE;
  const points = new Map<string, Failpoint>();
  for (const part of text.split(',')) {
    const [, name, kind, ms, visit] = /^([\w.-]+):(?:(exit|error)|delay\((\d+)\))(?:@(\d+))?$/.exec(part.trim()) ?? [];
    if (name === undefined) throw malformed(part);
    const action: Action = kind === 'exit' || kind === 'error' ? { kind } : { kind: 'delay', ms: Number(ms) };
    points.set(name, { action, visit: visit === undefined ? undefined : Number(visit), visits: 0 });
  }
  return points;
}

function trigger(name: string, action: Action): Promise<void> {
  if (action.kind === 'delay') return new Promise((resolve) => setTimeout(resolve, action.ms));
  if (action.kind === 'exit') process.kill(process.pid, 'SIGKILL');
  throw new Error(`failpoint ${name}`);
}

function malformed(part: string): BerthError {
  return new BerthError(
    'INVALID_CONFIG',
    `BERTH_FAILPOINT: "${part}" is no failpoint; write NAME:exit, NAME:error or NAME:delay(MS), each with @N for the N-th visit only`,
    { fields: [{ field: 'BERTH_FAILPOINT', description: 'malformed' }] },
  );
}
