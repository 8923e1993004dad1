import { startChild, endChild } from '../servers/child-process.js';
import type { BenchContext } from '../suite.js';
import type { JobAnswer, Jobs } from './jobs.js';

/** A process that makes load, on a core of its own. */
export interface LoadProcess {
  run<Name extends keyof Jobs>(
    name: Name,
    argument: Parameters<Jobs[Name]>[0],
  ): Promise<Awaited<ReturnType<Jobs[Name]>>>;
  stop(): Promise<void>;
}

/** Starts the load processes, one for each core that the placement gives. */
export function startLoad({ cores, programs }: BenchContext, placement = cores.load): readonly LoadProcess[] {
  return placement.map((own) => startOne(programs.load, own));
}

function startOne(program: string, cores: readonly number[]): LoadProcess {
  const child = startChild([process.execPath, program], { cores, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const open = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  let ids = 0;
  child.on('message', (answer: JobAnswer) => {
    const job = open.get(answer.id);
    open.delete(answer.id);
    if ('error' in answer) job?.reject(new Error(answer.error));
    else job?.resolve(answer.result as never);
  });
  child.on('exit', (code) => {
    for (const { reject } of open.values()) reject(new Error(`a load process ended with ${String(code)}`));
  });
  return {
    run: (name, argument) =>
      new Promise((resolve, reject) => {
        const id = ids++;
        open.set(id, { resolve, reject });
        child.send({ id, name, argument });
      }),
    stop: () => endChild(child),
  };
}
