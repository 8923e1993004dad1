import test from 'ava';
import type { Command } from 'commander';
import { bashScript, type CompletionNode } from './completion-scripts.js';
import { buildProgram } from './program.js';

function nodeOf(command: Command): CompletionNode {
  return { name: command.name(), summary: '', flags: [], commands: command.commands.map(nodeOf) };
}

function pathsOf({ name, commands }: CompletionNode, before = ''): string[] {
  const path = `${before}${name}`;
  return [path, ...commands.flatMap((child) => pathsOf(child, `${path} `))];
}

test('names are completed for commands that there are, by commands that there are', async (t) => {
  const root = nodeOf(await buildProgram([], '', true));
  const paths = new Set(pathsOf(root));
  const script = bashScript(root);
  const named = [...script.matchAll(/^ {4}('[a-z' |-]+)\)\n +\[ .*"\$\((berth [a-z -]+?) -q /gm)];
  t.true(named.length >= 8);
  for (const [, commands = '', list = ''] of named) {
    t.true(paths.has(list), list);
    for (const command of commands.split('|')) t.true(paths.has(`berth ${command.replaceAll("'", '')}`), command);
  }
});
