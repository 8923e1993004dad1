import { findProgram, until } from '@berth/testkit';
import { spawn } from 'node:child_process';

/** The part of ava's `t` that is needed here. */
interface Ending {
  readonly teardown: (work: () => unknown) => void;
}

/** A Python process that calls a server. */
export interface Python {
  /** What it has told so far with `tell`. */
  readonly told: readonly unknown[];
  /** Waits until it has told so much. */
  says(count: number): Promise<void>;
  /** What it has told when it has ended by itself; throws what it wrote to stderr when it failed. */
  readonly ended: Promise<readonly unknown[]>;
  kill(): void;
}

/** `server` is what resalloc's clients use; `tell` prints a value as JSON; `fault` gives the code and text of a call that fails. */
const PRELUDE = `
import json, sys, xmlrpc.client
server = xmlrpc.client.ServerProxy(sys.argv[1], allow_none=True)
def tell(value):
    print(json.dumps(value, default=lambda binary: binary.data.decode()), flush=True)
def fault(call, *args):
    try:
        return {'no fault': call(*args)}
    except xmlrpc.client.Fault as fault:
        return [fault.faultCode, fault.faultString]
`;

/** Runs a script of Python against a server; it is killed when the test ends. */
export function startPython(t: Ending, url: string, script: string): Python {
  const child = spawn(findProgram('python3') ?? 'python3', ['-c', PRELUDE + script, url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += String(data)));
  child.stderr.on('data', (data: Buffer) => (err += String(data)));
  t.teardown(() => child.kill('SIGKILL'));
  const told = (): unknown[] => {
    const lines = out.split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line) as unknown);
  };
  const ended = new Promise<readonly unknown[]>((resolve, reject) => {
    child.once('close', (code) => {
      if (code === 0) resolve(told());
      else reject(new Error(`python ended with ${String(code)}: ${err}`));
    });
  });
  ended.catch(() => undefined);
  return {
    get told() {
      return told();
    },
    async says(count) {
      await until(() => told().length >= count, { what: `python to say ${String(count)} things: ${err}` });
    },
    ended,
    kill() {
      child.kill('SIGKILL');
    },
  };
}
