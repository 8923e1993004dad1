/** An inventory file with benches named b1, b2, …, each with the attributes `any` and its own name, and some of 'even'. */
export function inventoryOf(count: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const name = `b${String(i + 1)}`;
    const attributes = ['any', name, ...(i % 2 === 1 ? ['even'] : [])];
    return `    ${name}: { attributes: ${JSON.stringify(attributes)}, location: lab }`;
  });
  return `pool:\n  name: test\n  resources:\n${lines.join('\n')}\n`;
}
