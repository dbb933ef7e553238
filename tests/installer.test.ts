import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Arch, build, type Configuration, DIR_TARGET, Platform } from 'electron-builder';
import { beforeAll, describe, expect, it } from 'vitest';
import { callApp } from './call-app.ts';
import { isSetUp } from './run-fewscan.ts';
import { startApp } from './start-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What installers would hold, made by electron-builder itself around a stand-in for Electron's binary, which cannot be had everywhere. */
const root = fileURLToPath(new URL('..', import.meta.url));
const isBuilt = existsSync(join(root, 'dist/renderer/index.html')) && isSetUp;
const timeout = 240_000;

interface Asar {
  listPackage(archive: string, options: { readonly isPack: false }): string[];
  statFile(archive: string, path: string): { readonly size?: number; readonly unpacked?: boolean };
  extractFile(archive: string, path: string): Buffer;
}
const builder = createRequire(import.meta.url).resolve('electron-builder');
const asar = createRequire(builder)('@electron/asar') as Asar; // what packed the archive

/** Marks Electron's fuse wire: version 1, then one character a fuse, '0' off and '1' on. */
const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuses = [
  'runAsNode',
  'cookieEncryption',
  'nodeOptions',
  'inspectArguments',
  'asarIntegrity',
  'onlyAsar',
  'browserSnapshot',
  'fileProtocolPrivileges',
] as const;

function standIn(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const wire = Buffer.from([1, fuses.length, ...Buffer.from('10110001')]); // as Electron comes
  writeFileSync(
    join(folder, 'electron'),
    Buffer.concat([Buffer.from(`a stand-in ${fuseMark}`), wire, Buffer.alloc(64)]),
  );
  writeFileSync(join(folder, 'version'), '45.5.0');
  return folder;
}

describe.skipIf(!isBuilt)('the installed app (skipped where it is not built or TensorFlow not set up)', () => {
  const out = temporaryFolder();
  const resources = join(out, 'linux-unpacked', 'resources');
  const archive = join(resources, 'app.asar');
  let config: Configuration;
  let files: readonly string[];
  let packed: readonly string[];

  beforeAll(async () => {
    await build({
      projectDir: root,
      targets: Platform.LINUX.createTarget(DIR_TARGET, Arch.x64),
      publish: 'never',
      config: {
        extends: join(root, 'electron-builder.yml'),
        electronDist: standIn(join(out, 'electron')),
        directories: { output: out },
        afterPack: async ({ packager }) => {
          config = packager.config;
        },
      },
    });
    files = asar
      .listPackage(archive, { isPack: false })
      .map((path) => path.replace(/^[\\/]/, '').replaceAll('\\', '/'))
      .filter((path) => asar.statFile(archive, path).size !== undefined);
    packed = files.filter((path) => !asar.statFile(archive, path).unpacked);
  }, timeout);

  it('publishes nothing, looks for no update, and builds for the three systems', () => {
    expect(config.publish).toBeNull();
    expect(existsSync(join(resources, 'app-update.yml'))).toBe(false);
    expect(config.npmRebuild).toBe(false);
    expect([config.win?.target, config.mac?.target, config.linux?.target]).toEqual([
      'nsis',
      'dmg',
      ['AppImage', 'deb'],
    ]);
    expect(JSON.parse(asar.extractFile(archive, 'package.json').toString())).toMatchObject({
      name: 'fewscan',
      main: 'dist/main/electron/main.js',
    });
  });

  it('has an icon that is large enough for every system', () => {
    const png = readFileSync(join(root, 'resources/icons/icon.png')); // electron-builder takes it by its name
    expect(config.directories?.buildResources).toBe('resources/icons');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1024, 1024]);
  });

  it('opens the files that the desktop shell takes', () => {
    // see scansAmong in main/electron/own-pages.ts
    const extensions = [config.fileAssociations!].flat().flatMap(({ ext }) => ext);
    expect(extensions).toEqual(['nii', 'nii.gz', 'nrrd', 'nhdr', 'dcm', 'fewscan-model']);
  });

  it('has fuses that let it run its children and nothing more', () => {
    const binary = readFileSync(join(out, 'linux-unpacked', 'fewscan')).toString('latin1');
    const at = binary.indexOf(fuseMark) + fuseMark.length + 2;
    const on = fuses.filter((_, n) => binary[at + n] === '1');
    expect(on).toEqual(['runAsNode', 'asarIntegrity', 'onlyAsar']);
  });

  it('holds no test, source map, source, note of the makers, or dependency for development', () => {
    expect(
      files.filter((path) => /\.map$|\.test\.|\.ts$|(^|\/)(tests?|__tests__|coverage|bench(marks)?)\//.test(path)),
    ).toEqual([]);
    expect(files.filter((path) => /^(tests|bench|docs|scripts|cli|renderer|contract|main)\//.test(path))).toEqual([]);
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, { readonly dev?: boolean }>>;
    };
    const nameOf = (path: string) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? '';
    const product = new Set(Object.entries(packages).flatMap(([path, { dev }]) => (dev ? [] : [nameOf(path)])));
    const shipped = new Set(files.map(nameOf).filter(Boolean)); // by name: the builder places what npm nested anew
    expect(shipped.size).toBeGreaterThan(20);
    expect([...shipped].filter((name) => !product.has(name))).toEqual([]);
  });

  it('keeps native code outside the archive, and models, priors and demo scans beside it', () => {
    const native = /\.(node|wasm)$|\.so(\.\d+)*$|\.dll$|\.dylib$/;
    expect(packed.filter((path) => native.test(path))).toEqual([]);
    const package_ = join(resources, 'app.asar.unpacked/node_modules/@tensorflow/tfjs-node-gpu');
    for (const file of ['lib/napi-v8/tfjs_binding.node', 'deps/lib/libtensorflow_framework.so.2'])
      expect(existsSync(join(package_, file)), file).toBe(true);
    expect(files.filter((path) => path.startsWith('resources/'))).toEqual([]);
    for (const file of [
      'models/hippocampus-demo/weights.safetensors',
      'priors/hippocampus-synthetic/record.json',
      'demo/LICENSE.md',
    ])
      expect(
        readFileSync(join(resources, 'resources', file)).equals(readFileSync(join(root, 'resources', file))),
        file,
      ).toBe(true);
  });

  it(
    'runs from these files alone: pages, demo scans, a segmentation, a report',
    async () => {
      const folder = join(out, 'run'); // Electron reads archive and folder beside it as one
      renameSync(join(resources, 'app.asar.unpacked'), folder);
      for (const path of packed) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), asar.extractFile(archive, path));
      }
      const app = await startApp(join(out, 'home'), {
        entry: join(folder, 'dist/main/web/start.js'),
        env: { FEWSCAN_RESOURCES: join(resources, 'resources') },
      });
      try {
        const { call, get, done } = await callApp(app.address);
        expect(await (await get('/')).text()).toContain('<title>Fewscan</title>');
        await done(await call('library/add-demo', {}));
        const scan = (await call('library/list', {})).find(({ name }) => name === 'hippocampus_052')!;
        const { modelVersion: version } = (await call('models/list', {})).find(
          ({ record }) => record.name === 'hippocampus-demo',
        )!.record;
        await done(await call('segment/start', { scan: scan.id, model: 'hippocampus-demo', version, samples: 2 }));
        const [result] = (await call('library/list', {})).find(({ id }) => id === scan.id)!.results;
        expect(result!.report.structures.length).toBeGreaterThan(0);
        const report = await (await get(`/download/scan/${scan.id}/report/${result!.id}`)).arrayBuffer();
        expect(Buffer.from(report).subarray(0, 5).toString()).toBe('%PDF-');
      } finally {
        await app.end();
      }
    },
    timeout,
  );
});
