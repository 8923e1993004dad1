import { createRequire } from 'node:module';
import { buildProgram, usageExitCode } from './program/program.js';

// A reader that has seen enough (`berth ls | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

/** The package is found from src as from any bundle of it. */
const { version } = createRequire(import.meta.url)('@berth/cli/package.json') as { version: string };

try {
  const program = await buildProgram(process.argv.slice(2), version);
  await program.parseAsync();
} catch (error) {
  const code = usageExitCode(error);
  if (code === undefined) throw error;
  process.exitCode = code;
}
