// A load process: does the jobs that its parent sends, and ends with it.
import type { JobAnswer, JobMessage } from './jobs.js';
import { JOBS } from './jobs.js';

process.on('message', (message: JobMessage) => {
  const job = JOBS[message.name] as (argument: unknown) => Promise<unknown>;
  job(message.argument).then(
    (result) => {
      answer({ id: message.id, result });
    },
    (error: unknown) => {
      answer({ id: message.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    },
  );
});
process.on('disconnect', () => process.exit());

function answer(message: JobAnswer): void {
  process.send?.(message);
}
