// Reads mutated DICOM files and looks for crashes, memory beyond bounds, errors that are not in the catalogue, and pixels that are not
// as many as the header says; files that keep a codec busy for longer than the product's limit are stopped as there, and listed. Repeatable: file N of a seed is always the same. Writes docs/results/fuzz-dicom-SEED.json.
// Usage: node scripts/fuzz-dicom.mjs FOLDER [COUNT] [SEED]        after npm run build; FOLDER holds DICOM files to start from
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeFrame } from '../dist/main/imaging/dicom/decode-frame.js';
import { readHeader } from '../dist/main/imaging/dicom/file-header.js';
import { groupSeries } from '../dist/main/imaging/dicom/group-series.js';
import { isSegmentation } from '../dist/main/imaging/dicom/kinds.js';
import { paletteOf } from '../dist/main/imaging/dicom/palette.js';
import { parseFile } from '../dist/main/imaging/dicom/parse-file.js';
import { isGrey, pixelFormatOf } from '../dist/main/imaging/dicom/pixel-format.js';
import { readSegmentation } from '../dist/main/imaging/dicom/read-segmentation.js';
import { storedValues } from '../dist/main/imaging/dicom/stored-values.js';
import { toRgb } from '../dist/main/imaging/dicom/to-rgb.js';
import { transferSyntaxOf } from '../dist/main/imaging/dicom/transfer-syntaxes.js';
import { derive, rootKey, uniforms } from '../dist/main/numerics/tensors/random.js';

const [folder, count = '20000', seed = '0', first] = process.argv.slice(2);
const largestBase = 300_000;
const limitMs = 5000; // as main/compute/decode-in-child.ts
const mostBytes = 2e9;

const bases = readdirSync(folder, { recursive: true })
  .map((name) => join(folder, name))
  .filter((path) => statSync(path).isFile() && statSync(path).size < largestBase && statSync(path).size > 256)
  .sort()
  .map((path) => new Uint8Array(readFileSync(path)))
  .filter((bytes) => bytes[128] === 0x44 && bytes[129] === 0x49);

/** File N: a base with a few mutations, most of them in its header. */
function mutated(n) {
  const key = derive(rootKey(Number(seed)), 'file', n);
  const draws = uniforms(key, 64);
  let at = 0;
  const draw = (below) => Math.floor(draws[at++] * below);
  let bytes = bases[draw(bases.length)].slice();
  for (let times = 1 + draw(4); times > 0; times--) {
    const place = draw(2) === 0 ? draw(bytes.length) : 132 + draw(Math.min(3000, bytes.length - 132));
    switch (draw(7)) {
      case 0:
        bytes[place] ^= 1 << draw(8);
        break;
      case 1:
        bytes[place] = draw(256);
        break;
      case 2:
        bytes = bytes.slice(0, Math.max(140, place));
        break;
      case 3: // a length, a count
        bytes.set([0xff, 0xff, 0xff, draw(2) ? 0x7f : 0xff], Math.min(place, bytes.length - 4));
        break;
      case 4: // a number of an element becomes a large one
        bytes.set([0xff, 0xff], Math.min(place, bytes.length - 2));
        break;
      case 5: {
        // sequences within sequences
        const nested = new Uint8Array(20 * 400);
        for (let depth = 0; depth < 400; depth++)
          nested.set(
            [
              0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff,
              0xff,
            ],
            20 * depth,
          );
        bytes = Uint8Array.from([...bytes.subarray(0, place), ...nested, ...bytes.subarray(place)]);
        break;
      }
      default: {
        // a piece of another file
        const other = bases[draw(bases.length)];
        const from = draw(other.length);
        const piece = other.subarray(from, from + draw(200));
        bytes.set(piece.subarray(0, bytes.length - place), place);
      }
    }
  }
  return bytes;
}

/** undefined where the reader did well, else what it did. */
async function read(bytes) {
  const name = 'mutated';
  try {
    const header = readHeader(bytes, name);
    groupSeries([{ ...header, file: 0 }], ['tilt', 'spacing']);
    const parsed = parseFile(bytes, name);
    const format = pixelFormatOf(parsed.attributes, name);
    if (!format) return undefined;
    for (let frame = 0; frame < Math.min(format.frames, 2); frame++) {
      const samples = await decodeFrame(parsed, format, frame, name);
      if (samples.length !== format.rows * format.columns * format.samplesPerPixel) return `${samples.length} samples`;
      if (isGrey(format)) continue;
      const palette =
        format.photometric === 'PALETTE COLOR' ? paletteOf(parsed.attributes, format.signed, name) : undefined;
      const { coding } = transferSyntaxOf(parsed.transferSyntaxUid);
      const planes = toRgb(storedValues(samples, format), { coding, format, palette, name });
      if (planes.length !== 3 * format.rows * format.columns) return `${planes.length} values of colour`;
    }
    if (isSegmentation(header)) await readSegmentation(parsed, name);
    return undefined;
  } catch (error) {
    return error?.name === 'AppError' ? undefined : (error?.stack ?? String(error));
  }
}

async function child() {
  for (let n = Number(first); n < Number(count); n++) {
    process.send({ n });
    const defect = await read(mutated(n));
    if (defect) process.send({ n, defect });
    if (process.memoryUsage.rss() > mostBytes) {
      process.send({ n, defect: `${(process.memoryUsage.rss() / 1e9).toFixed(1)} GB resident` });
      break;
    }
  }
  process.send({ done: true });
}

async function parent() {
  const defects = [];
  const stopped = [];
  const startedMs = performance.now();
  let next = 0;
  while (next < Number(count)) next = await run(next, { defects, stopped });
  const elapsedMs = Math.round(performance.now() - startedMs);
  const record = {
    version: 1,
    files: Number(count),
    seed: Number(seed),
    bases: bases.length,
    limitMs,
    mostBytes,
    elapsedMs,
    stopped,
    defects,
  };
  writeFileSync(
    fileURLToPath(new URL(`../docs/results/fuzz-dicom-${seed}.json`, import.meta.url)),
    `${JSON.stringify(record, null, 2)}\n`,
  );
  console.log(
    `${count} files from ${bases.length}, ${defects.length} defects, ${stopped.length} stopped at the limit, ${Math.round(elapsedMs / 1000)} s`,
  );
  for (const { n, defect } of defects.slice(0, 20)) console.log(n, defect.slice(0, 400));
  process.exitCode = defects.length > 0 ? 1 : 0;
}

/** Runs from a file on in a child; gives the file to go on with. */
const run = (from, { defects, stopped }) =>
  new Promise((resolve) => {
    const worker = fork(fileURLToPath(import.meta.url), [folder, count, seed, String(from)], { stdio: 'ignore' });
    let [at, done, beatMs] = [from, false, performance.now()];
    const watch = setInterval(() => {
      if (performance.now() - beatMs < limitMs) return;
      stopped.push(at);
      worker.kill('SIGKILL');
    }, 500);
    worker.on('message', (message) => {
      beatMs = performance.now();
      if (message.done) done = true;
      else if (message.defect) defects.push(message);
      else at = message.n;
    });
    worker.on('close', (code, signal) => {
      clearInterval(watch);
      if (!done && signal !== 'SIGKILL') defects.push({ n: at, defect: `ended with ${signal ?? code}` });
      resolve(done && at >= Number(count) - 1 ? Number(count) : at + 1);
    });
  });

if (first === undefined) await parent();
else await child();
