import manifest from '@berth/cli/package.json' with { type: 'json' };
import { buildProgram, usageExitCode } from './program/program.js';

// A reader that has seen enough (`berth ls | head -1`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

async function main(): Promise<void> {
  try {
    const program = await buildProgram(process.argv.slice(2), manifest.version);
    await program.parseAsync();
  } catch (error) {
    const code = usageExitCode(error);
    if (code === undefined) throw error;
    process.exitCode = code;
  }
}

// Not awaited here: one executable file is CommonJS, which cannot.
void main();
