/** The metrics of a process by what stands before the value: `name{label="value"}`. */
export async function metricsOf(url: string): Promise<Map<string, number>> {
  const answer = await fetch(`${url}/metrics`);
  if (!answer.ok) throw new Error(`/metrics: ${String(answer.status)}`);
  const rows = (await answer.text()).matchAll(/^([a-z_]+(?:\{.*\})?) (\S+)$/gm);
  return new Map([...rows].map(([, key = '', value]) => [key, Number(value)]));
}
