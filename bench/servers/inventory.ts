import { writeFileSync } from 'node:fs';

/** Benches of a benchmark: `count` of them in `kinds` kinds; `kind-3` is an attribute of each sixteenth, say. */
export interface BenchInventory {
  readonly count: number;
  readonly kinds: number;
}

export function kindName(kind: number): string {
  return `kind-${String(kind)}`;
}

export function benchName(index: number): string {
  return `bench-${String(index)}`;
}

/** A bench that nobody asks for. */
export const SPARE_BENCH = 'spare';

/** Writes the inventory file of a benchmark: each bench with two entities and their properties, like those of a real lab. */
export function writeInventory(path: string, { count, kinds }: BenchInventory): void {
  const benches = Array.from({ length: count }, (_, i) => [
    `    ${benchName(i)}:`,
    `      attributes: ["${kindName(i % kinds)}", "linux"]`,
    '      location: "lab-1"',
    '      entities:',
    '        programmer: { attributes: ["jtag"], properties: { socket: "127.0.0.1:1234", api_key: "xyz" } }',
    '        dut: { attributes: ["serial", "power"], properties: { socket: "127.0.0.1:4567", api_key: "foobar" } }',
  ]);
  const spare = [`    ${SPARE_BENCH}:`, '      attributes: ["spare"]'];
  writeFileSync(path, ['pool:', '  name: "benchmark"', '  resources:', ...benches.flat(), ...spare, ''].join('\n'));
}
