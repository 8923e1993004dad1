import { Argument, type Command } from 'commander';
import { buildProgram } from '../program/program.js';
import { bashScript, type CompletionNode, fishScript, zshScript } from '../program/completion-scripts.js';

const EXAMPLES = `
Examples:
  berth completion bash > ~/.local/share/bash-completion/completions/berth
  berth completion zsh > "\${fpath[1]}/_berth"
  berth completion fish > ~/.config/fish/completions/berth.fish`;

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `berth completion`: a script for a shell, made from the commands themselves. */
export function define(command: Command): void {
  command
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', EXAMPLES)
    .action(async (shell: keyof typeof SCRIPTS) => {
      const program = await buildProgram([], '', true);
      process.stdout.write(SCRIPTS[shell](nodeOf(program)));
    });
}

function nodeOf(command: Command): CompletionNode {
  return {
    name: command.name(),
    summary: command.description(),
    flags: command.options.flatMap(({ long, description, required }) =>
      long ? [{ name: long, summary: description, takesValue: required }] : [],
    ),
    commands: command.commands.map(nodeOf),
  };
}
