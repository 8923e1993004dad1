// A process that makes one call of RecordService, and dies where BERTH_FAILPOINT says.
import { failpoint } from '@berth/server';
import { fakeClock } from '@berth/testkit';
import type { Place } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

const [place = '', deed = '', request = ''] = process.argv.slice(2);
const clock = fakeClock();
const { records } = await serveRecords(await openPlace(JSON.parse(place) as Place), { clock, failpoint });
const call = records[deed as 'createRecord'].bind(records);
await call(JSON.parse(request) as never);
// Not reached in a test: the failpoint ends the process before.
process.exit(3);
