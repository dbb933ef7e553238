#!/usr/bin/env node
import { CommanderError } from 'commander';
import { makeProgram } from './program.ts';
import { exitCodes } from './run-command.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(); // whoever read has read enough
});
try {
  await makeProgram().parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.done : exitCodes.wrong; // help and version end with 0
}
