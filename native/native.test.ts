import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../tests/temporary-folder.ts';
import { availableCores } from './available-cores.ts';
import { buildBinding } from './build-binding.ts';
import { foldersIn } from './folders.ts';
import { installLibraries, librariesInstalled } from './install-libraries.ts';
import { prepareEnvironment, restoreUtil } from './load-tensorflow.ts';
import { locateTensorflow } from './locate-tensorflow.ts';
import { readManifest, type Wheel } from './manifest.ts';
import { obtainWheel, pipArguments } from './obtain-wheel.ts';
import { planSetUp } from './plan.ts';
import { platformTable } from './platform-table.ts';
import { undoSetUp } from './set-up.ts';
import { withSetUpLock } from './set-up-lock.ts';
import { writeStamp } from './stamp.ts';

const root = temporaryFolder();
let folders = 0;
const newFolder = (): string => {
  const folder = join(root, `n${folders++}`);
  mkdirSync(folder);
  return folder;
};
const code = (value: string) => expect.objectContaining({ code: value });
const text = (content: string) => new TextEncoder().encode(content);
const linux = planSetUp({ platform: 'linux', arch: 'x64', variant: 'cpu' });

/** A wheel as the index has it, but small. */
function makeWheel(folder: string, members: Readonly<Record<string, string>>): Wheel {
  const bytes = zipSync(Object.fromEntries(Object.entries(members).map(([path, content]) => [path, text(content)])));
  const file = 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl';
  writeFileSync(join(folder, file), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    file,
    package: 'tensorflow-cpu',
    version: '2.21.0',
    sha256,
    byteLength: bytes.length,
    licence: 'Apache-2.0',
  };
}
const libraries = {
  'tensorflow/libtensorflow_cc.so.2': 'the library',
  'tensorflow/libtensorflow_framework.so.2': 'its framework',
  'tensorflow/include/tensorflow/c/c_api.h': 'a header',
  'tensorflow/python/unwanted.py': 'not for us',
};

describe('the plan', () => {
  test('pins every wheel of every platform, and says size and licence beforehand', () => {
    const { wheels } = readManifest();
    for (const { platform, arch, sources } of platformTable) {
      for (const variant of ['cpu', 'gpu'] as const) {
        if (!sources[variant]) continue;
        const plan = planSetUp({ platform, arch, variant });
        for (const { file, sha256 } of plan.wheels) expect(sha256).toBe(wheels[file]!.sha256);
        expect(plan.downloadBytes).toBeGreaterThan(100e6);
        expect(plan.installedBytes).toBeGreaterThan(plan.downloadBytes);
        expect(plan.licences).toContain('Apache-2.0');
      }
    }
    expect(linux.standing).toBe('proved');
  });

  test('refuses a platform without a library, naming those that have one', () => {
    expect(() => planSetUp({ platform: 'freebsd', arch: 'x64', variant: 'cpu' })).toThrow(/linux x64/);
    expect(() => planSetUp({ platform: 'darwin', arch: 'arm64', variant: 'gpu' })).toThrow(
      code('native/platform-unsupported'),
    );
  });
});

describe('wheels', () => {
  test('of the own folder are verified: missing, truncated and changed ones are named', async () => {
    const folder = newFolder();
    const wheel = makeWheel(folder, libraries);
    const source = { kind: 'folder', folder } as const;
    expect(await obtainWheel(wheel, source)).toBe(join(folder, wheel.file));
    const whole = readFileSync(join(folder, wheel.file));
    for (const damaged of [
      whole.subarray(0, 40),
      Buffer.concat([whole.subarray(0, -1), Buffer.of(whole.at(-1)! ^ 1)]),
    ]) {
      writeFileSync(join(folder, wheel.file), damaged);
      await expect(obtainWheel(wheel, source)).rejects.toThrow(code('native/wheel-damaged'));
    }
    await expect(obtainWheel(wheel, { kind: 'folder', folder: newFolder() })).rejects.toThrow(
      code('native/wheel-missing'),
    );
  });

  test('that cannot be fetched leave nothing behind', async () => {
    const cache = newFolder();
    const wheel = { ...makeWheel(newFolder(), libraries), package: 'tensorflow-cpu' };
    const source = { kind: 'index', cache, interpreter: join(root, 'no-python'), pythonVersion: '3.11' } as const;
    await expect(obtainWheel(wheel, source)).rejects.toThrow(code('native/download-failed'));
    expect(readdirSync(cache)).toEqual([]);
  });

  test('are asked for by exact version, platform and Python', () => {
    const args = pipArguments(linux.wheels[0]!, '3.11', 'to').join(' ');
    expect(args).toContain('--platform manylinux_2_27_x86_64');
    expect(args).toContain('--no-deps');
    expect(args).toMatch(/tensorflow-cpu==2\.21\.0$/);
  });
});

describe('libraries', () => {
  test('are laid out under the names that the binding looks for, headers beside, nothing else', async () => {
    const [from, folder] = [newFolder(), join(newFolder(), 'deps')];
    const wheel = makeWheel(from, libraries);
    await installLibraries({ plan: linux, folder, wheels: [join(from, wheel.file)] });
    expect(readFileSync(join(folder, 'lib/libtensorflow.so.2'), 'utf8')).toBe('the library');
    expect(readFileSync(join(folder, 'include/tensorflow/c/c_api.h'), 'utf8')).toBe('a header');
    expect(existsSync(join(folder, 'python'))).toBe(false);
    expect(await librariesInstalled(linux, folder)).toBe(true);
    writeFileSync(join(folder, 'lib/libtensorflow_cc.so.2'), 'cut');
    expect(await librariesInstalled(linux, folder)).toBe(false);
  });

  test('of a wheel that lacks one are refused and the old ones stay', async () => {
    const [from, folder] = [newFolder(), join(newFolder(), 'deps')];
    await installLibraries({ plan: linux, folder, wheels: [join(from, makeWheel(from, libraries).file)] });
    const { 'tensorflow/libtensorflow_framework.so.2': _, ...less } = libraries;
    const poor = newFolder();
    await expect(
      installLibraries({ plan: linux, folder, wheels: [join(poor, makeWheel(poor, less).file)] }),
    ).rejects.toThrow('framework');
    expect(await librariesInstalled(linux, folder)).toBe(true);
  });

  test('count only with a stamp of both library and binding: a set-up killed midway is none', async () => {
    const place = foldersIn(newFolder(), newFolder());
    const stamp = { identity: linux.identity, tensorflow: '2.21.0', variant: 'cpu', files: {} } as const;
    mkdirSync(place.libraries, { recursive: true });
    mkdirSync(place.binding, { recursive: true });
    writeFileSync(join(place.binding, 'tfjs_binding.node'), '');
    expect(locateTensorflow(place)).toBeUndefined();
    await writeStamp(place.libraries, stamp);
    expect(locateTensorflow(place)).toBeUndefined();
    await writeStamp(place.binding, { ...stamp, identity: 'another' });
    expect(locateTensorflow(place)).toBeUndefined();
    await writeStamp(place.binding, stamp);
    expect(locateTensorflow(place)).toMatchObject({ version: '2.21.0', variant: 'cpu' });
    await undoSetUp(place);
    expect(locateTensorflow(place)).toBeUndefined();
    expect(existsSync(place.libraries)).toBe(false);
  });
});

describe('the lock', () => {
  test('lets one in at a time, and is taken over from a process that died', async () => {
    const path = join(newFolder(), 'lock');
    let [inside, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside--;
    };
    await Promise.all([1, 2, 3].map(() => withSetUpLock(path, () => {}, work)));
    expect(most).toBe(1);
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' }).stdout.trim();
    writeFileSync(path, dead);
    expect(
      await withSetUpLock(
        path,
        () => {},
        async () => 'in',
      ),
    ).toBe('in');
  });
});

describe('cores', () => {
  const treeOf = (files: Readonly<Record<string, string>>): string => {
    const tree = newFolder();
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
    }
    return tree;
  };

  test('are those scheduled, or what the control groups of version 1 or 2 grant, the least of all levels', () => {
    expect(availableCores(treeOf({}), 8)).toBe(8);
    expect(
      availableCores(
        treeOf({
          'proc/self/cgroup': '0::/a/b\n',
          'sys/fs/cgroup/a/cpu.max': '150000 100000\n',
          'sys/fs/cgroup/a/b/cpu.max': 'max 100000\n',
        }),
        8,
      ),
    ).toBe(2);
    expect(
      availableCores(
        treeOf({
          'proc/self/cgroup': '4:cpu,cpuacct:/x\n',
          'sys/fs/cgroup/cpu/x/cpu.cfs_quota_us': '300000',
          'sys/fs/cgroup/cpu/x/cpu.cfs_period_us': '100000',
        }),
        8,
      ),
    ).toBe(3);
    expect(availableCores(treeOf({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '10000 100000\n' }), 8)).toBe(
      1,
    );
  });
});

describe('the binding', () => {
  test('is built with the libraries beside it that Windows looks for there', async () => {
    const [folder, target] = [newFolder(), join(newFolder(), 'lib')];
    mkdirSync(join(folder, 'deps/lib'), { recursive: true });
    writeFileSync(join(folder, 'deps/lib/tensorflow.dll'), 'the library');
    writeFileSync(join(folder, 'tiny.c'), '#include <node_api.h>\nNAPI_MODULE_INIT() { (void)env; return exports; }\n');
    const copies = [{ files: ['<(PRODUCT_DIR)/tiny.node'], destination: '<(module_path)' }];
    const targets = [
      { target_name: 'tiny', sources: ['tiny.c'] },
      { target_name: 'copy', type: 'none', dependencies: ['tiny'], copies },
    ];
    writeFileSync(join(folder, 'binding.gyp'), JSON.stringify({ targets }));
    writeFileSync(join(folder, 'package.json'), '{"name":"tiny","version":"1.0.0"}');
    const { path } = await buildBinding({ package: folder, target, name: 'tiny', beside: ['tensorflow.dll'] });
    expect(readdirSync(target).sort()).toEqual(['tensorflow.dll', 'tiny.node']);
    expect(createRequire(import.meta.url)(path)).toEqual({});
  }, 120_000);

  test('finds beside it, on Windows, the library that its import library names', () => {
    const { members, links, besideBinding } = platformTable.find(({ platform }) => platform === 'win32')!;
    const laidOut = (member: string) =>
      members.flatMap(({ match, to }) => (match.test(member) ? [member.replace(match, to)] : []));
    expect(laidOut('tensorflow/python/_pywrap_tensorflow_common.dll.if.lib')).toEqual(['lib/tensorflow.lib']);
    for (const library of besideBinding) expect(laidOut(`tensorflow/python/${library}`)).toEqual([`lib/${library}`]);
    expect(besideBinding).toEqual(links.map(({ target }) => target));
  });
});

describe('loading', () => {
  test('sets what TensorFlow reads, and leaves what the user has set', () => {
    const environment: NodeJS.ProcessEnv = { TF_NUM_INTRAOP_THREADS: '7' };
    prepareEnvironment(environment, 3);
    expect(environment).toEqual({ TF_NUM_INTRAOP_THREADS: '7', TF_ENABLE_ONEDNN_OPTS: '1', TF_CPP_MIN_LOG_LEVEL: '2' });
  });

  test('brings back what Node 23 took from util, once', () => {
    const util: { isNullOrUndefined?: (value: unknown) => boolean; isArray?: unknown } = {};
    restoreUtil(util);
    expect([util.isNullOrUndefined!(null), util.isNullOrUndefined!(0), util.isArray]).toEqual([
      true,
      false,
      Array.isArray,
    ]);
    const own = () => true;
    const kept = { isArray: own };
    restoreUtil(kept);
    expect(kept.isArray).toBe(own);
  });

  test('computes where util lacks what Node 23 took from it', () => {
    const bare = 'import util from "node:util"; delete util.isNullOrUndefined; delete util.isArray;';
    const proof = fileURLToPath(new URL('../dist/native/prove-tensorflow.js', import.meta.url));
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(bare)}`, proof],
      { encoding: 'utf8' },
    );
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ backend: 'tensorflow', isRight: true });
  });
});
