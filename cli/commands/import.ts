import { type Command, Option } from 'commander';
import { path, wholeNumber } from '../parsers.ts';
import { runCommand } from '../run-command.ts';
import { summaries } from '../summaries.ts';
import { command, jobOptions, type Options } from './command.ts';

/** `import`: DICOM to studies, series and volumes. */
export function addImport(program: Command): void {
  command(program, 'import', 'DICOM files, folders or zips: list studies and series, or convert one series to NIfTI', [
    'fewscan import /media/cd',
    'fewscan import study.zip --json',
    'fewscan import study --series 1.2.840.113619.2.1 --out scan.nii.gz',
    'fewscan import ct --series 1.2.3 --correct tilt --out straight.nii.gz',
  ])
    .argument('<inputs...>', 'files, folders or zips')
    .option('--series <UID>', 'the series to convert')
    .option('--part <N>', 'which volume of a series that holds several', wholeNumber)
    .option('--out <FILE>', 'where the converted series goes (.nii.gz), with a .json beside it', path)
    .addOption(
      new Option(
        '--correct <WHAT...>',
        'agree to corrections: straighten a tilted gantry, even out slice spacing',
      ).choices(['tilt', 'spacing']),
    )
    .action((inputs: readonly string[], options: Options) =>
      runCommand(
        'import',
        { inputs: inputs.map(path), ...jobOptions(options) },
        { output: options, print: summaries.import },
      ),
    );
}
