// Scans made for measurements: a body of smooth tissue with noise, so that gzip and windows meet something like a CT.
import { openPorts } from '../../dist/main/storage/open-ports.js';
import { root } from './session.mjs';

/** Voxels of a made CT; `seed` makes another. */
export function madeScan(size, seed = 1) {
  const [ni, nj, nk] = size;
  const voxels = new Int16Array(ni * nj * nk);
  let noise = 2654435761 * seed;
  for (let v = 0; v < voxels.length; v++) {
    const i = v % ni;
    const j = Math.floor(v / ni) % nj;
    const inside = ((2 * i) / ni - 1) ** 2 + ((2.6 * j) / nj - 1.3) ** 2 < 0.8;
    noise ^= noise << 13;
    noise ^= noise >>> 17;
    noise ^= noise << 5;
    voxels[v] = inside ? 60 + 40 * Math.sin(i / 9) * Math.cos(j / 11) + (noise & 31) : -1000;
  }
  const affineRasMm = [
    [0.8, 0, 0, 0],
    [0, 0.8, 0, 0],
    [0, 0, 1.5, 0],
  ];
  return { size, affineRasMm, voxels, components: 1, warnings: [] };
}

/** Puts scans into the library of a data folder. */
export async function fillLibrary(home, scans) {
  const { library } = openPorts(home, `${root}/resources`);
  const ids = [];
  for (const [name, volume] of scans) ids.push((await library.add({ name, volume, structures: [] })).id);
  return ids;
}
