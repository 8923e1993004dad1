import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@berth/testkit';
import type { ExecutionContext } from 'ava';

export interface PoolLabOptions {
  /** Options of the pool as they stand in the file, besides its commands. */
  readonly options?: string;
  readonly max: number;
  /** Seconds that `cmd_new` takes. */
  readonly newTakes?: number;
  /** Of a hundred commands so many fail. */
  readonly failing?: number;
}

/** What a hook has noted: its idempotency key, and when it began and ended. */
export interface HookRun {
  readonly key: string;
  readonly hook: string;
  /** The id in the pool. */
  readonly id: number;
  readonly beginMs: number;
  /** Absent for one that was killed. */
  readonly endMs?: number;
  /** Whether it has succeeded. */
  readonly isGood: boolean;
}

/**
 * Things in a folder, made and deleted by the commands of a pool, which note when they run and what is not as it should be:
 * an id that two have, more than `max`, something that is there twice.
 */
export class PoolLab {
  readonly folder: string;
  readonly file: string;
  /** In the environment of each hook, by which its processes are found. */
  readonly mark = `POOL_LAB_${randomUUID().replaceAll('-', '')}`;

  constructor(t: ExecutionContext, { options = '', max, newTakes = 0, failing = 0 }: PoolLabOptions) {
    this.folder = tempFolder(t);
    this.file = join(this.folder, 'pools.yaml');
    for (const name of ['things', 'ids']) mkdirSync(join(this.folder, name));
    const scripts = {
      new: `
mkdir -p "ids/$BERTH_ID_IN_POOL/$BERTH_NAME"
[ "$(ls "ids/$BERTH_ID_IN_POOL")" = "$BERTH_NAME" ] || fault "id $BERTH_ID_IN_POOL twice"
mkdir "things/$BERTH_NAME" || fault "$BERTH_NAME twice"
[ "$(ls things | wc -l)" -le ${String(max)} ] || fault "more than ${String(max)}"
sleep ${String(newTakes)}
echo "$BERTH_NAME"`,
      release: `[ -d "things/$BERTH_NAME" ] || fault "$BERTH_NAME is released and is not there"`,
      delete: `
rm -rf "things/$BERTH_NAME"
[ ! -d "ids/$BERTH_ID_IN_POOL/$BERTH_NAME" ] || rmdir "ids/$BERTH_ID_IN_POOL/$BERTH_NAME"`,
    };
    for (const [hook, script] of Object.entries(scripts)) this.#writeScript(hook, script, failing);
    const lines = Object.keys(scripts).map((hook) => `  cmd_${hook}: exec sh ${join(this.folder, hook)}`);
    const env = `  env: { pass: [PATH], set: { ${this.mark}: "1" } }`;
    writeFileSync(this.file, ['things:', ...lines, env, `  max: ${String(max)}`, options, ''].join('\n'));
  }

  get things(): readonly string[] {
    return readdirSync(join(this.folder, 'things'));
  }

  /** What the hooks have found wrong. */
  get faults(): string {
    return this.#read('faults');
  }

  get runs(): readonly HookRun[] {
    const runs = new Map<string, HookRun>();
    for (const line of this.#read('log').trim().split('\n')) {
      const [what = '', pid = '', key = '', id = '', time = ''] = line.split(' ');
      const ms = Number(time) / 1e6;
      const before = runs.get(`${key} ${pid}`);
      const run = before ?? { key, hook: key.split('/')[1] ?? '', id: Number(id), beginMs: ms, isGood: false };
      runs.set(`${key} ${pid}`, what === 'begin' ? run : { ...run, endMs: ms, isGood: what === 'good' });
    }
    return [...runs.values()];
  }

  /** Numbers of processes of hooks that are there. */
  processes(): readonly string[] {
    return readdirSync('/proc').filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(join('/proc', pid, 'environ'), 'latin1').includes(this.mark);
      } catch {
        return false;
      }
    });
  }

  #writeScript(hook: string, script: string, failing: number): void {
    const text = `cd '${this.folder}'
note() { echo "$1 $$ $BERTH_IDEMPOTENCY_KEY $BERTH_ID_IN_POOL $(date +%s%N)" >>log; }
fault() { echo "$BERTH_IDEMPOTENCY_KEY: $1" >>faults; }
note begin
if [ $(($(od -An -N2 -tu2 /dev/urandom) % 100)) -lt ${String(failing)} ]; then
  note bad
  exit 3
fi
${script}
note good
exit 0
`;
    writeFileSync(join(this.folder, hook), text);
  }

  #read(name: string): string {
    try {
      return readFileSync(join(this.folder, name), 'utf8');
    } catch {
      return '';
    }
  }
}
