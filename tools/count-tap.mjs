// Counts what ava's TAP output says, prints the failures again and last `N passed, N failed[, N skipped]`; exits 1 when
// anything failed.
//   node tools/count-tap.mjs FILE --exit-code N [--failed STAGE --log FILE]…
// A stage that failed before the tests counts as one failure; the end of what it printed is printed again.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/** So many lines of a failed stage. */
const STAGE_LINES = 25;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'exit-code': { type: 'string', default: '0' },
    failed: { type: 'string', multiple: true, default: [] },
    log: { type: 'string', multiple: true, default: [] },
  },
});

const lines = readFileSync(positionals[0], 'utf8').split('\n');
const results = lines.filter((line) => /^(not )?ok \d+/.test(line));
const skipped = results.filter((line) => /# skip/i.test(line));
const broken = results.filter((line) => line.startsWith('not ok') && !/# (skip|todo)/i.test(line));
const passed = results.length - broken.length - skipped.length;

let failed = broken.length + values.failed.length;
// ava can fail without a failed test: a file that does not load, a time-out, no test found.
if (broken.length === 0 && values['exit-code'] !== '0') {
  console.log(`The test run itself failed (exit code ${values['exit-code']}).`);
  failed += 1;
}

for (const [i, stage] of values.failed.entries()) {
  const end = readFileSync(values.log[i], 'utf8').trimEnd().split('\n').slice(-STAGE_LINES);
  console.log(`\nFailed stage: ${stage}\n${end.map((line) => `  ${line}`).join('\n')}`);
}
if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((line) => `  ${line}`).join('\n')}`);
if (broken.length > 0) console.log(`\nFailed:\n${broken.map((line) => `  ${line}`).join('\n')}`);
console.log(`${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);
