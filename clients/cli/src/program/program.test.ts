import test from 'ava';
import type { Command } from 'commander';
import { buildProgram } from './program.js';

function* commandsOf(command: Command): Generator<Command, void, undefined> {
  for (const one of command.commands) {
    yield one;
    yield* commandsOf(one);
  }
}

test('no command has an option that the program itself takes: it would never see it', async (t) => {
  const program = await buildProgram([], '1.0.0', true);
  const taken = new Set(program.options.flatMap(({ short, long }) => [short, long]).filter(Boolean));
  const shadowed = [...commandsOf(program)].flatMap((command) =>
    command.options
      .filter(({ short, long }) => taken.has(short) || taken.has(long))
      .map(({ flags }) => `${command.name()} ${flags}`),
  );
  t.deepEqual(shadowed, []);
  t.true(taken.has('--token'));
});
