// Copies a prior or a model out of FEWSCAN_HOME into resources/, its weights as float16.
// Usage: node scripts/ship-resources.mjs prior|model NAME
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '../dist/main/storage/arrays/safetensors.js';
import { homeFolder, resourcesFolder } from '../dist/main/storage/folders.js';
import { encodeModel } from '../dist/main/storage/models/model-files.js';
import { sealFiles, sealName, writeFiles } from '../dist/main/storage/models/sealed-folder.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [kind, name] = process.argv.slice(2);
const { models, priors } = openPorts();
const weightsName = 'weights.safetensors';

async function priorFiles() {
  await priors.load(name); // checks every hash
  const source = join(homeFolder(), 'priors', name);
  const { files } = JSON.parse(readFileSync(join(source, sealName), 'utf8'));
  const read = (file) => new Uint8Array(readFileSync(join(source, file)));
  const prior = Object.fromEntries(Object.keys(files).map((file) => [file, read(file)]));
  const { arrays } = decodeSafetensors(prior[weightsName], weightsName);
  return sealFiles({ ...prior, [weightsName]: encodeSafetensors(arrays, { precision: 'float16' }) });
}

const files = { prior: priorFiles, model: async () => encodeModel(await models.load(name), 'float16') }[kind];
if (!files || !name) throw new Error('Usage: node scripts/ship-resources.mjs prior|model NAME');
const target = join(resourcesFolder(), `${kind}s`, name);
const laid = await files();
rmSync(target, { recursive: true, force: true });
await writeFiles(target, laid);
