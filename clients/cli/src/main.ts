import { readFileSync } from 'node:fs';
import { buildProgram, usageExitCode } from './program.js';

// A reader that has seen enough (`berth ls | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

try {
  const program = await buildProgram(process.argv.slice(2), version());
  await program.parseAsync();
} catch (error) {
  const code = usageExitCode(error);
  if (code === undefined) throw error;
  process.exitCode = code;
}
