import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A process of this one's group that does nothing: what a terminal sends to the group ends it. */
export interface Witness {
  /** Whether a signal that came just now came to this process alone. */
  readonly sawNothing: () => Promise<boolean>;
  readonly dismiss: () => void;
}

/** It echoes what it is sent; no core file is left when Ctrl-\ ends it. */
const SCRIPT = 'ulimit -c 0; exec cat';

/**
 * Starts a witness, and another one after each that ended. A terminal sends Ctrl-C to its whole foreground group at once, so
 * when this process asks, the witness has the signal too and cannot answer; Node does not tell who sent a signal.
 *
 * A later witness is asked only once it has answered before: Ctrl-C twice, this process is slow and sees the end of the first
 * witness, starts the second, and handles the second Ctrl-C only then, which the second witness never got. Signals that came
 * before an answer are handled before the `setImmediate` after it.
 */
export function startWitness(): Witness {
  let current = launch();
  let trusted = true;
  let dismissed = false;
  function launch() {
    const child = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'pipe', 'ignore'] });
    const ended = new Promise<false>((resolve) => {
      child.once('exit', (_code, signal) => {
        resolve(false);
        trusted = false;
        if (signal !== null && !dismissed) replace();
      });
      child.once('error', () => {
        resolve(false);
      });
    });
    child.stdin.on('error', () => undefined);
    child.unref();
    async function echo(): Promise<boolean> {
      child.stdin.write('?\n');
      return Promise.race([ended, once(child.stdout, 'data').then(() => true)]);
    }
    return { child, echo };
  }
  function replace(): void {
    const next = (current = launch());
    void next.echo().then((answered) => {
      setImmediate(() => {
        if (answered && current === next) trusted = true;
      });
    });
  }
  return {
    sawNothing: () => (trusted ? current.echo() : Promise.resolve(false)),
    dismiss() {
      dismissed = true;
      current.child.kill('SIGKILL');
    },
  };
}
