// A process that adds machines in one batch, or one machine, or claims some, and dies where BERTH_FAILPOINT says.
import { failpoint } from '@berth/server';
import { fakeClock } from '@berth/testkit';
import type { Place } from './record-server.fixture.js';
import { openPlace, serveRecords } from './record-server.fixture.js';

const [place = '', deed = '', request = ''] = process.argv.slice(2);
const clock = fakeClock();
const { records } = await serveRecords(await openPlace(JSON.parse(place) as Place, clock), { clock, failpoint });
const message = JSON.parse(request) as never;
if (deed === 'batch') await records.batchCreateRecords(message);
else if (deed === 'create') await records.createRecord(message);
else await records.claimRecords(message);
// Not reached in a test: the failpoint ends the process before.
process.exit(3);
