import { Command } from 'commander';
import { ownPackage } from '../main/storage/package-folder.ts';
import { addAdapt } from './commands/adapt.ts';
import { addConsolidate } from './commands/consolidate.ts';
import { addDemo } from './commands/demo.ts';
import { addDoctor } from './commands/doctor.ts';
import { addImport } from './commands/import.ts';
import { addJudgingCommands } from './commands/judging.ts';
import { addLearningCommands } from './commands/learning.ts';
import { addModelsCommand } from './commands/models.ts';
import { addReproduce } from './commands/reproduce.ts';
import { addSegment } from './commands/segment.ts';
import { addUpdate } from './commands/update.ts';

/** The command line: words in, one job in the computing child, exit code out. */
export function makeProgram(): Command {
  const program = new Command('fewscan')
    .description(
      'Segments medical scans with a Bayesian network that adapts to your scanner from a few labelled scans. Offline. For research, not a medical device.',
    )
    .version(ownPackage().version)
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true });
  addDoctor(program);
  addLearningCommands(program);
  addAdapt(program);
  addUpdate(program);
  addConsolidate(program);
  addImport(program);
  addSegment(program);
  addJudgingCommands(program);
  addModelsCommand(program);
  addDemo(program);
  addReproduce(program);
  return program;
}
