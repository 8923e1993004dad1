import test from 'ava';
import { runProgram } from '../driver/run-program.js';

test('at least 20 planted bugs apply to the code as it is, and their tests are there', async (t) => {
  const { code, stdout } = await runProgram(process.execPath, ['tools/planted.mjs', '--check']);
  t.is(code, 0, stdout);
  t.true(Number(/of (\d+) planted bugs apply/.exec(stdout)?.[1]) >= 20, stdout);
});
