import type { Suite } from './suite.js';

/** The arguments and the suites, in words. */
export function usage(suites: readonly Suite[]): string {
  const width = Math.max(...suites.map(({ name }) => name.length));
  return [
    'npm run bench -- [SUITE…] [--quick] [--against FOLDER]',
    '',
    'Measures Berth and a ceiling, or a peer, in turns. Without a suite it runs all of them. See docs/benchmarks.md.',
    '',
    '  --quick           fewer repeats, a tenth of the crowds',
    '  --against FOLDER  in place of suites: this berthd and the one that was built in another checkout',
    '  --help            prints this',
    '',
    ...suites.map(({ name, title }) => `  ${name.padEnd(width)}  ${title}`),
  ].join('\n');
}
