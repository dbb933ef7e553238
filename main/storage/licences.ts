import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PackageLicence } from '../../contract/app/package-licence.ts';

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Licences of all that is installed with the `program`, a folder: packages that its `package.json` asks for, and theirs, and what the
 * renderer's build took in (`dist/renderer/licences.json`, written by Vite). Sorted by name. What is not installed is not listed.
 */
export async function listLicences(program: string): Promise<PackageLicence[]> {
  const folder = resolve(program);
  const found = new Map<string, PackageLicence>();
  const { dependencies } = await packageFile(folder);
  const toVisit = Object.keys(dependencies ?? {}).map((name) => ({ name, from: folder }));
  for (let next = toVisit.pop(); next; next = toVisit.pop()) {
    const at = await locate(next.name, next.from, folder);
    if (!at || found.has(at)) continue;
    const { name, version, license, ...needs } = await packageFile(at);
    found.set(at, { name, version, licence: license ?? 'see its text', text: await licenceText(at) });
    for (const needed of Object.keys({ ...needs.dependencies, ...needs.optionalDependencies }))
      toVisit.push({ name: needed, from: at });
  }
  const all = [...found.values(), ...(await bundledIn(folder))];
  const byName = new Map(all.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

const packageFile = async (folder: string): Promise<PackageFile> =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));

/** The folder of a package as Node would find it from `from`, not above `root`. */
async function locate(name: string, from: string, root: string): Promise<string | undefined> {
  for (let at = from; at.startsWith(root); at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    const isThere = await readFile(join(candidate, 'package.json')).then(
      () => true,
      () => false,
    );
    if (isThere) return candidate;
  }
  return undefined;
}

async function licenceText(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')); // a folder of that name
  return (await Promise.all(texts)).join('\n').trim();
}

/** In the form of Vite's `build.license`. */
interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly identifier?: string | null;
  /** Absent where the package ships none. */
  readonly text?: string;
}

async function bundledIn(folder: string): Promise<readonly PackageLicence[]> {
  const file = await readFile(join(folder, 'dist/renderer/licences.json'), 'utf8').catch(() => '[]'); // the renderer is not built
  return (JSON.parse(file) as readonly Bundled[]).map(({ name, version, identifier, text }) => ({
    name,
    version,
    licence: identifier ?? 'see its text',
    text: text ?? '',
  }));
}
