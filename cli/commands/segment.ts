import type { Command } from 'commander';
import { box, type ModelChoice, modelReference, number, path, wholeNumber } from '../parsers.ts';
import { runOrForecast } from '../run-or-forecast.ts';
import { command, jobOptions, type Options, seed } from './command.ts';

/** `segment`: scans to maps and reports. */
export function addSegment(program: Command): void {
  command(program, 'segment', 'segment scans; maps and a report for each go to DIR/NAME', [
    'fewscan segment scan.nii.gz --model hippocampus-demo --out results',
    'fewscan segment scans/ --model our-hippocampus@2 --out results --samples 19 --json',
    'fewscan segment head.nii.gz --model hippocampus-demo --box 10,-45,-40,45,10,10 --out results',
  ])
    .argument('<inputs...>', 'scans or folders of scans')
    .requiredOption('--model <NAME>', 'model, NAME or NAME@VERSION', modelReference)
    .requiredOption('--out <DIR>', 'folder for the results', path)
    .option('--samples <N>', 'posterior samples (19)', wholeNumber)
    .option('--keep-samples', 'write the segmentation of each sample too (samples.nii.gz)')
    .option('--dicom-map', 'of DICOM scans: write the uncertainty as a parametric map too (uncertainty.dcm)')
    .option('--box <BOX>', 'where to look, RAS+ mm: x0,y0,z0,x1,y1,z1', box)
    .option('--forecast', 'only say what memory and time it would take')
    .option('--memory-limit <GIB>', 'refuse what would need more', number)
    .addOption(seed())
    .action((inputs: readonly string[], { model, box: boxRasMm, memoryLimit, forecast, ...options }: Options) => {
      const settings = {
        inputs: inputs.map(path),
        ...(model as ModelChoice), // as its parser made it
        ...(boxRasMm === undefined ? {} : { boxRasMm }),
        ...(typeof memoryLimit === 'number' ? { memoryLimitBytes: Math.round(memoryLimit * 2 ** 30) } : {}),
        ...jobOptions(options),
      };
      return runOrForecast(forecast, 'segment', settings, options);
    });
}
