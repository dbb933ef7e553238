// Copies a prior and a model out of FEWSCAN_HOME into resources/, their weights as float16.
// Usage: node scripts/ship-resources.mjs PRIOR [MODEL]
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '../dist/main/storage/arrays/safetensors.js';
import { homeFolder, resourcesFolder } from '../dist/main/storage/folders.js';
import { encodeModel } from '../dist/main/storage/models/model-files.js';
import { sealFiles, sealName, writeFiles } from '../dist/main/storage/models/sealed-folder.js';
import { openPorts } from '../dist/main/storage/open-ports.js';

const [priorName, modelName] = process.argv.slice(2);
const { models, priors } = openPorts();
const weightsName = 'weights.safetensors';

async function lay(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  await writeFiles(folder, files);
}

await priors.load(priorName); // checks every hash
const source = join(homeFolder(), 'priors', priorName);
const { files } = JSON.parse(readFileSync(join(source, sealName), 'utf8'));
const prior = Object.fromEntries(
  Object.keys(files).map((name) => [name, new Uint8Array(readFileSync(join(source, name)))]),
);
const { arrays } = decodeSafetensors(prior[weightsName], weightsName);
const small = encodeSafetensors(arrays, { precision: 'float16' });
await lay(join(resourcesFolder(), 'priors', priorName), sealFiles({ ...prior, [weightsName]: small }));
if (modelName)
  await lay(join(resourcesFolder(), 'models', modelName), encodeModel(await models.load(modelName), 'float16'));
