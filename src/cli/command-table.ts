// Every command, in the order of help. What a command needs is loaded when it is called, so that `help` costs nothing.
// test/cli/command-table.test.ts keeps the summaries equal to the commands' own.

import type { Command } from './command.ts'

export type CommandEntry = {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

export const commandTable: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'start everything in one process: pipeline, page, REST and WebSocket',
    load: () => import('./up.ts'),
  },
  {
    name: 'worker',
    summary: 'join a pipeline on a cluster with one more process',
    load: () => import('./worker.ts'),
  },
  {
    name: 'replay',
    summary: 'run the whole pipeline over recorded days, at full speed',
    load: () => import('./replay.ts'),
  },
  {
    name: 'verify',
    summary: 'recompute what was recorded from events, commands and frames, and compare bit for bit',
    load: () => import('./verify.ts'),
  },
  {
    name: 'predict',
    summary: 'ask the running Slipstream how likely a flight is to be late',
    load: () => import('./predict.ts'),
  },
  { name: 'status', summary: 'where the running Slipstream stands', load: () => import('./status.ts') },
  { name: 'logs', summary: 'what the programs of a data folder have said', load: () => import('./logs.ts') },
  { name: 'open', summary: 'open a page of the running Slipstream in a browser', load: () => import('./open.ts') },
  { name: 'down', summary: 'end the Slipstream that has the data folder', load: () => import('./down.ts') },
  {
    name: 'runs',
    summary: 'trainings and searches: which there were, and ask for one',
    load: () => import('./runs.ts'),
  },
  {
    name: 'models',
    summary: 'versions of the model: who is in force, and who should be',
    load: () => import('./models.ts'),
  },
  { name: 'watch', summary: 'follow predictions or drift in the terminal', load: () => import('./watch.ts') },
  { name: 'topics', summary: 'look into the topics of a data folder', load: () => import('./topics.ts') },
  { name: 'dead', summary: 'look at dead letters and put them back', load: () => import('./dead.ts') },
  { name: 'sql', summary: 'ask the warehouse in SQL', load: () => import('./sql.ts') },
  {
    name: 'warehouse',
    summary: 'get, fill and look at the warehouse',
    load: () => import('./warehouse.ts'),
  },
  {
    name: 'drift',
    summary: 'drift of the running Slipstream, and of files',
    load: () => import('./drift.ts'),
  },
  { name: 'check', summary: "validate a producer's file offline", load: () => import('./check.ts') },
  {
    name: 'doctor',
    summary: 'look for what keeps Slipstream from running, and say what to do',
    load: () => import('./doctor.ts'),
  },
  { name: 'pipeline', summary: 'draw the pipeline', load: () => import('./pipeline.ts') },
  { name: 'config', summary: 'settings: their values and where they come from', load: () => import('./config.ts') },
  { name: 'records', summary: 'write src/records.ts anew from schemas/', load: () => import('./records.ts') },
  {
    name: 'completion',
    summary: 'completion of commands and flags for a shell',
    load: () => import('./completion.ts'),
  },
  { name: 'version', summary: 'versions of the program, its pipeline and Node', load: () => import('./version.ts') },
  { name: 'help', summary: 'what the commands do', load: () => import('./help.ts') },
]
