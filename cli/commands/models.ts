import type { Command } from 'commander';
import { AppError } from '../../contract/errors/app-error.ts';
import type { ModelRecord } from '../../contract/model.ts';
import { parseModelReference } from '../../contract/model-reference.ts';
import { path } from '../parsers.ts';
import { type Output, reporting } from '../run-command.ts';
import { textTable } from '../table.ts';

/** The stores are loaded where a command needs them: every other one starts sooner. */
const openModels = async () => (await import('../../main/storage/open-ports.ts')).openPorts().models;

/** `fewscan models list|show|use|roll-back|export|import|delete`. */
export function addModelsCommand(program: Command): void {
  const models = program
    .command('models')
    .description('model versions: list, show, use, roll back, export, import, delete');
  const add = (name: string, description: string, example: string): Command =>
    models
      .command(name)
      .description(description)
      .option('--json', 'print the result as one JSON document on stdout')
      .addHelpText('after', `\nExample:\n  $ ${example}`);

  add('list', 'all versions', 'fewscan models list').action((output: Output) => reporting(output, list));
  add(
    'show',
    'card and record of a version (the current one when none is given)',
    'fewscan models show hippocampus-demo',
  )
    .argument('<name>', 'NAME or NAME@VERSION')
    .action((reference: string, output: Output) => reporting(output, () => show(reference)));
  add('use', 'make a version the current one', 'fewscan models use our-hippocampus@1')
    .argument('<version>', 'NAME@VERSION')
    .action((reference: string, output: Output) =>
      reporting(output, async () => {
        const { name, modelVersion } = exact(reference);
        return told(await (await openModels()).use(name, modelVersion), 'is current now');
      }),
    );
  add('roll-back', 'back to the version that was current before', 'fewscan models roll-back our-hippocampus')
    .argument('<name>')
    .action((name: string, output: Output) =>
      reporting(output, async () => told(await (await openModels()).rollBack(name), 'is current again')),
    );
  add('export', 'a version as one file', 'fewscan models export our-hippocampus@2 --out our-hippocampus.fewscan-model')
    .argument('<name>', 'NAME or NAME@VERSION')
    .requiredOption('--out <FILE>', 'file to write', path)
    .action((reference: string, { out, ...output }: Output & { readonly out: string }) =>
      reporting(output, async () =>
        told(await (await openModels()).exportTo(out, parseModelReference(reference)), `is in ${out}`),
      ),
    );
  add('import', 'a version from a file', 'fewscan models import our-hippocampus.fewscan-model')
    .argument('<file>', 'file of models export', path)
    .action((file: string, output: Output) =>
      reporting(output, async () => told(await (await openModels()).importFrom(file), 'was imported')),
    );
  add('delete', 'delete a version for good', 'fewscan models delete our-hippocampus@1')
    .argument('<version>', 'NAME@VERSION')
    .action((reference: string, output: Output) =>
      reporting(output, async () => {
        const { name, modelVersion } = exact(reference);
        await (await openModels()).remove(name, modelVersion);
        return { result: { name, modelVersion }, text: `${name}@${modelVersion} was deleted.` };
      }),
    );
}

const told = (record: ModelRecord, what: string) => ({
  result: record,
  text: `${record.name}@${record.modelVersion} ${what}.`,
});

function exact(reference: string): { readonly name: string; readonly modelVersion: number } {
  const { name, modelVersion } = parseModelReference(reference);
  if (modelVersion === undefined)
    throw new AppError('storage/no-such-model', { name: `${name} (say which version: NAME@VERSION)`, known: '' });
  return { name, modelVersion };
}

async function list() {
  const { models, problems } = await (await openModels()).survey();
  const rows = models.map(({ record, current, shipped }) => [
    `${record.name}@${record.modelVersion}`,
    current ? 'current' : '',
    shipped ? 'shipped' : '',
    record.method,
    String(record.training.scans.length),
    typeof record.metrics['heldOutDice'] === 'number' ? record.metrics['heldOutDice'].toFixed(3) : '',
    record.structures.map(({ name }) => name).join(', '),
    record.createdAt.slice(0, 16).replace('T', ' '),
  ]);
  const text = [
    textTable(['model', '', '', 'method', '>scans', '>held-out Dice', 'structures', 'made'], rows),
    ...problems.map((problem) => problem.message),
  ].join('\n');
  return {
    result: models.map(({ record, current, shipped }) => ({ ...record, current, shipped })),
    text: models.length === 0 ? 'There is no model yet. Make one with "fewscan adapt".' : text,
  };
}

async function show(reference: string) {
  const { name, modelVersion } = parseModelReference(reference);
  const { record, card } = await (await openModels()).load(name, modelVersion);
  return { result: { ...record, card }, text: card.trimEnd() };
}
