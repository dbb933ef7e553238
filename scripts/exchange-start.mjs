// A prior with the same kernel VAEs and another net to start from: the best of a folder of source nets that were trained for longer. It takes the prior's place in
// FEWSCAN_HOME. `learn-prior --start` gives the same where the sources of the VAEs are still there.
// Usage: node scripts/exchange-start.mjs PRIOR SOURCES

import { priorCard } from '../dist/main/jobs/prior-card.js';
import { bestOf, startArrays } from '../dist/main/jobs/publish-prior.js';
import { listSnapshots } from '../dist/main/jobs/survey-sources.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [name, folder] = process.argv.slice(2);
const ports = openPorts();
const { record, weights } = await ports.priors.load(name);
const { snapshots } = await listSnapshots(ports, folder, record.architecture);
const start = bestOf(snapshots);
const { member, cycle, validationDice } = start;
const report = { ...record, start: { member, cycle, validationDice, beside: true } };
const kept = Object.entries(weights).filter(([key]) => key.startsWith('group-'));
await ports.priors.publish({
  name,
  record: report,
  weights: { ...Object.fromEntries(kept), ...(await startArrays(ports, folder, start)) },
  card: priorCard(name, report),
});
