import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { modelRecordSchema } from '../contract/model.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rooms = ['main', 'renderer', 'cli', 'contract', 'native', 'scripts', 'bench', 'tests'];
const tool = (name: string) => join(root, 'node_modules', '.bin', name);

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}
const sources = rooms
  .flatMap((room) => filesBelow(join(root, room)))
  .filter((path) => /\.(ts|cts|svelte|mjs)$/.test(path));
const product = sources.filter((path) => !/\.test\.ts$|\/(tests|scripts|bench)\//.test(path));
const text = (path: string) => readFileSync(path, 'utf8');
const name = (path: string) => relative(root, path);

describe('the arrows', () => {
  const cruise = (folder: string, ...places: string[]) =>
    spawnSync(tool('depcruise'), ['--config', join(root, '.dependency-cruiser.cjs'), ...places], {
      cwd: folder,
      encoding: 'utf8',
    });

  test('are kept', () => {
    const { status, stdout } = cruise(root, 'main', 'renderer', 'cli', 'contract', 'native');
    expect(status, stdout).toBe(0);
  });

  test('are found where they are broken', () => {
    const folder = temporaryFolder();
    const files = {
      'tsconfig.json': '{ "compilerOptions": { "module": "nodenext" } }',
      'contract/a.ts': "import '../main/jobs/b.ts';",
      'main/jobs/b.ts': "import 'node:fs';\nimport '../storage/c.ts';",
      'main/numerics/d.ts': "import '../imaging/e.ts';",
      'main/imaging/e.ts': "import '../numerics/d.ts';",
      'main/storage/c.ts': "import '../../native/f.ts';",
      'native/f.ts': 'export {};',
    };
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const { status, stdout } = cruise(folder, 'main', 'contract', 'native');
    expect(status).toBeGreaterThan(0);
    const broken = [
      'no-cycle',
      'contract-imports-nothing-of-ours',
      'jobs-inward',
      'pure-rooms-no-node',
      'numerics-inward',
      'imaging-inward',
      'native-only-from-compute',
    ];
    for (const rule of broken) expect(stdout).toContain(rule);
  });
});

describe('the sources', () => {
  test('are short: no file over 400 lines', () => {
    const long = sources.filter((path) => text(path).split('\n').length > 400).map(name);
    expect(long).toEqual([]);
  });

  test('that are run by hand import names that there are', async () => {
    const found: string[] = [];
    for (const path of sources.filter((path) => /\/(scripts|bench)\/.*\.mjs$/.test(path)))
      for (const [, names, from] of text(path).matchAll(/import \{([^}]+)\} from '((?:\.\.\/)+dist\/[^']+)\.js'/g)) {
        const source = join(dirname(path), from!.replace('/dist/', '/')).concat('.ts');
        const exported = existsSync(source) ? text(source) : '';
        for (const wanted of names!.split(',').map((one) => one.trim().split(' as ')[0]!))
          if (wanted !== '' && !new RegExp(`export (async )?(function\\*?|const|class) ${wanted}\\b`).test(exported))
            found.push(`${name(path)}: ${wanted} of ${name(source)}`);
      }
    expect(found).toEqual([]);
  });

  test('say by their names what they are', () => {
    const vague = sources
      .map(name)
      .filter((path) => /(^|\/)(utils?|helpers?|common|lib|core|services?|misc)(\/|\.|-|$)/.test(path));
    expect(vague).toEqual([]);
  });

  test('have no test without an expectation', () => {
    const empty = sources.filter((path) => path.endsWith('.test.ts') && !text(path).includes('expect(')).map(name);
    expect(empty).toEqual([]);
  });

  test('open no connection: no client of any protocol in the product', () => {
    const clients = /from '(node:)?(https?|http2|net|tls|dgram|dns)'|\bfetch\(|WebSocket|XMLHttpRequest|undici|axios/;
    const found = product.filter((path) => clients.test(text(path))).map(name);
    // a server on the loopback address, and the window's way to it, whose addresses have no host
    expect(found).toEqual(
      ['main/web/access.ts', 'main/web/serve-app.ts', 'renderer/connection.ts'].filter((path) => found.includes(path)),
    );
    expect(text(join(root, 'main/web/serve-app.ts'))).not.toMatch(/\brequest\(\s*['"`{]/);
    for (const [, address] of text(join(root, 'renderer/connection.ts')).matchAll(/(?:fetch|EventSource)\((.)/g))
      expect(address).toBe('`');
  });

  test('hide no errors of types or lint', () => {
    const hidden = /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/;
    expect(sources.filter((path) => !path.endsWith('laws.test.ts') && hidden.test(text(path))).map(name)).toEqual([]);
  });

  test('are formatted and pass the linter', () => {
    const { status, stdout, stderr } = spawnSync(tool('biome'), ['check', '.', '--diagnostic-level=warn'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(0);
  });
});

describe('the dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(text(join(root, 'package.json'))) as Record<
    string,
    Record<string, string>
  >;
  const all = { ...dependencies, ...devDependencies };

  test('each have a line in docs/dependencies.md, with the version in use', () => {
    const listed = text(join(root, 'docs/dependencies.md'));
    const missing = Object.entries(all).filter(([package_, version]) => !listed.includes(`| ${package_} ${version} |`));
    expect(missing).toEqual([]);
  });

  test('are pinned, and have licences that allow us to ship them', () => {
    const allowed = /^(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|MIT OR Apache-2\.0)$/;
    for (const [package_, version] of Object.entries(all)) {
      expect(version, package_).toMatch(/^\d/);
      const { license } = JSON.parse(text(join(root, 'node_modules', package_, 'package.json'))) as { license: string };
      if (!(package_ in devDependencies! && license === 'MPL-2.0')) expect(license, package_).toMatch(allowed); // unchanged in tests, not shipped
    }
  });

  test('install without running scripts of strangers', () => {
    expect(text(join(root, '.npmrc'))).toContain('ignore-scripts=true');
  });
});

describe('what ships', () => {
  test('has its licence beside it, and is under 30 MB', () => {
    const resources = join(root, 'resources');
    expect(existsSync(join(resources, 'demo', 'LICENSE.md'))).toBe(true);
    const bytes = filesBelow(resources).reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThan(30e6);
  });

  test('is of a piece: the model names the prior that lies beside it, by the hash of its weights', () => {
    const resources = join(root, 'resources');
    const read = (path: string) => JSON.parse(readFileSync(join(resources, path), 'utf8'));
    const prior = modelRecordSchema.shape.prior.parse(read('models/hippocampus-demo/record.json').prior);
    const files: Readonly<Record<string, string>> = read(`priors/${prior!.name}/files.json`).files;
    expect(Object.values(files)).toContain(prior!.sha256);
  });
});
