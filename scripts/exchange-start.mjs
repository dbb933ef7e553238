// Gives a shipped prior another net to start from, the best of a folder of source nets, and leaves its kernel VAEs as they are. `learn-prior --start` does the same where the
// sources of the VAEs are still there (scripts/build-resources.sh).
// Usage: node scripts/exchange-start.mjs PRIOR SOURCES
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { priorCard } from '../dist/main/jobs/prior-card.js';
import { bestOf, startArrays } from '../dist/main/jobs/publish-prior.js';
import { listSnapshots } from '../dist/main/jobs/survey-sources.js';
import { decodeSafetensors, encodeSafetensors } from '../dist/main/storage/arrays/safetensors.js';
import { resourcesFolder } from '../dist/main/storage/folders.js';
import { sealFiles, sealName, writeFiles } from '../dist/main/storage/models/sealed-folder.js';
import { openPorts } from '../dist/main/storage/open-ports.js';
import { recordText } from '../dist/main/storage/records/versioned-record.js';

const [name, sources] = process.argv.slice(2);
if (!name || !sources) throw new Error('Usage: node scripts/exchange-start.mjs PRIOR SOURCES');
const folder = join(resourcesFolder(), 'priors', name);
const read = (file) => new Uint8Array(readFileSync(join(folder, file)));
const text = (value) => new TextEncoder().encode(value);
const shipped = Object.keys(JSON.parse(readFileSync(join(folder, sealName), 'utf8')).files);
const record = JSON.parse(readFileSync(join(folder, 'record.json'), 'utf8'));
const { arrays } = decodeSafetensors(read('weights.safetensors'), 'weights.safetensors');
const ports = openPorts();
const { snapshots } = await listSnapshots(ports, sources, record.report.architecture);
const start = bestOf(snapshots);
const { member, cycle, validationDice } = start;
const report = { ...record.report, start: { member, cycle, validationDice, beside: true } };
const groups = Object.fromEntries(Object.entries(arrays).filter(([key]) => key.startsWith('group-')));
const weights = { ...groups, ...(await startArrays(ports, sources, start)) };
const laid = sealFiles({
  ...Object.fromEntries(shipped.map((file) => [file, read(file)])),
  'record.json': text(recordText({ ...record, report })),
  'weights.safetensors': encodeSafetensors(weights, { precision: 'float16' }),
  'PRIOR_CARD.md': text(priorCard(name, report)),
});
rmSync(folder, { recursive: true });
await writeFiles(folder, laid);
