// npm run load [-- --engine embedded|redis] [--runs N] [--seconds N]: the random load, so often and so long; default one run
// of 25 s on each engine. Exits 1 when a rule is broken.
import { parseArgs } from 'node:util';
import { ENGINES } from '../driver/engines.js';
import { runRandomLoad } from '../driver/random-load.js';

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    runs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '25' },
  },
});

const engines = ENGINES.filter((engine) => values.engine === undefined || values.engine === engine);
let broken = engines.length === 0 ? 1 : 0;
for (const engine of engines) {
  for (let run = 1; run <= Number(values.runs); run++) {
    const result = await runRandomLoad({ engine, seconds: Number(values.seconds) });
    const { seed, grants, blows, violations, left } = result;
    const verdict = violations.length + left.length === 0 ? 'no violation' : 'BROKEN';
    console.log(
      `${engine} ${String(run)}: ${verdict}; ${String(grants)} grants, ${String(blows)} blows, seed ${String(seed)}`,
    );
    for (const { rule, message } of violations.slice(0, 10)) console.log(`  ${rule}: ${message}`);
    if (left.length > 0) console.log(`  left behind: ${left.join(' ')}`);
    if (verdict === 'BROKEN') broken += 1;
  }
}
console.log(broken === 0 ? 'random load: no violation' : `random load: ${String(broken)} runs broke a rule`);
process.exit(broken === 0 ? 0 : 1);
