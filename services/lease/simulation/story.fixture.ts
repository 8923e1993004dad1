import type { SeededRandom } from '@berth/testkit';
import { turn } from '@berth/testkit/seeded';
import { SimulatedCluster } from './simulated-cluster.js';
import { VirtualTime } from './virtual-time.js';

type Happening = readonly [often: number, what: (cluster: SimulatedCluster) => void];

const WORK: readonly Happening[] = [
  [60, (cluster) => cluster.act()],
  [14, (cluster) => cluster.operate()],
  [5, (cluster) => cluster.booker.act()],
  [8, (cluster) => cluster.watch()],
];
const TROUBLE: readonly Happening[] = [
  [4, (cluster) => cluster.pause()],
  [6, (cluster) => cluster.resume()],
  [2, (cluster) => cluster.replace()],
  [4, (cluster) => cluster.disturb()],
  [5, (cluster) => cluster.calm()],
  [1, (cluster) => cluster.freeze()],
  [4, (cluster) => cluster.thaw()],
];
const LOSSES: readonly Happening[] = [
  [3, (cluster) => cluster.backUp()],
  [1, (cluster) => cluster.loseData(false)],
  [1, (cluster) => cluster.loseData(true)],
];
const PAUSES_MS = [0, 0, 0, 1, 3, 10, 30, 100, 300];
const LONG_PAUSES_MS = [1_000, 4_000];

/** What a seed makes happen to a lab: so many steps, and then the end of all trouble. */
export async function runStory(random: SeededRandom, steps: number): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(new VirtualTime(turn), random, 1 + random.int(3));
  const may = [...WORK, ...(random.chance(0.85) ? TROUBLE : []), ...(random.chance(0.5) ? LOSSES : [])];
  const total = may.reduce((sum, [often]) => sum + often, 0);
  await cluster.time.pass(100);
  for (let step = 0; step < steps && cluster.faults.length === 0; step++) {
    let left = random.int(total);
    may.find(([often]) => (left -= often) < 0)?.[1](cluster);
    await cluster.time.pass(random.pick(random.chance(0.03) ? LONG_PAUSES_MS : PAUSES_MS));
    cluster.history.expire();
  }
  if (cluster.faults.length === 0) await cluster.heal();
  return cluster;
}
