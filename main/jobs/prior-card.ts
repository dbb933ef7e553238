import type { PriorReport } from './prior-report.ts';

/** The prior's card in Markdown: what made it, and how it does on nets that it never saw. */
export function priorCard(name: string, report: PriorReport): string {
  const { architecture, sources, heldOutMembers, start, groups, nll, settings } = report;
  const members = new Set(sources.map(({ member }) => member)).size;
  const figures = (values: typeof nll) =>
    [values.vae, values.gaussian, values.mixture, values.factorised].map((value) => value.toFixed(2)).join(' | ');
  return [
    `# ${name}`,
    '',
    'A Deep Weight Prior: what 3 x 3 x 3 kernels of a segmentation network look like, as one variational autoencoder for each group of layers.',
    '',
    `- **For**: the ${architecture.size} residual 3D U-Net`,
    `- **Learned from**: ${sources.length} snapshots of ${members} source nets, ${settings.steps} steps a group, seed ${report.seed}`,
    ...(report.update
      ? [
          `- **Update of**: ${report.update.of.name} (${report.update.of.sha256.slice(0, 12)}), whose kernels were not there; ${report.update.tasks} data sets now, components by group ${report.update.components.join(', ')}`,
          `- **New kernels before the update**: ${report.update.nllBefore.toFixed(2)} nats`,
        ]
      : []),
    `- **Held out**: nets ${heldOutMembers.join(', ')}; every figure below is on their kernels`,
    `- **Start of PR, PRf, L2-SP and DWP**: ${start.beside ? 'a net beside these, number' : 'net'} ${start.member}, cycle ${start.cycle}, Dice ${start.validationDice.toFixed(3)} on synthetic validation images`,
    `- **Better than a full Gaussian**: ${report.beatsGaussian ? 'yes' : 'NO. Train more or better source nets.'}`,
    '',
    'Negative log-likelihood, nats a kernel (lower is better):',
    '',
    '| group | kernels | spread | VAE | Gaussian | mixture of 8 | factorised Gaussian |',
    '|---|---|---|---|---|---|---|',
    ...groups.map(
      ({ group, training, nll: own }) =>
        `| ${group} | ${training.slices} | ${training.spread.toFixed(4)} | ${figures(own)} |`,
    ),
    `| all | ${groups.reduce((sum, { training }) => sum + training.slices, 0)} | | ${figures(nll)} |`,
    '',
    'Pictures of real kernels (held-out nets, above) and drawn ones (below) lie in `images/`.',
    '',
  ].join('\n');
}
