// PAGE ONE. The whole pipeline as data: a flight's events are put in order, summed into frames of the air space,
// predicted at their horizons and settled; the registry says which model is in force, and the frame puts it on record.
// What became of the flights is counted hour by hour and judged: a shift asks for a training, and the model that it makes
// (src/jobs/train.ts) stands beside the one in force until the judge decides between them.
//
//   topics/<name>.json     a topic's key, partitions, retention and records: the contract with others
//   src/stages/<name>.ts   what a stage does: a pure state machine
//   src/runtime            how: exactly once, in event time
//
// `slipstream pipeline` draws this page. test/pipeline.test.ts keeps it, topics/, schemas/ and the README equal.

import { type Pipeline, stage, type Topic } from './runtime/topology.ts'
import * as stages from './stages/index.ts'
import type { StageSettings } from './stages/settings.ts'

const topic = (name: string, partitions: 'N' | 1 = 'N', cleanup: 'delete' | 'compact' = 'delete'): Topic => ({
  name,
  partitions,
  cleanup,
})

export const topics: readonly Topic[] = [
  // in: what producers publish, and what people and jobs ask of the registry
  topic('flights.events'),
  topic('models.commands', 1),

  // between
  topic('flights.timeline'),
  topic('airspace.partials'),
  topic('airspace.frames', 1),
  topic('models.registry', 1, 'compact'),

  // out: what consumers read
  topic('flights.predictions'),
  topic('flights.outcomes'),
  topic('flights.rejected'),
  topic('flights.late'),

  // the loop: watched, judged, trained
  topic('drift.partials'),
  topic('drift.metrics', 1),
  topic('retrain.requests', 1),
]

export const pipeline: Pipeline<StageSettings> = {
  topics,
  nodes: [
    stage(stages.ingest, {
      reads: ['flights.events'],
      writes: ['flights.timeline', 'flights.rejected', 'flights.late'],
      raw: true,
    }),
    stage(stages.observe, {
      reads: ['flights.timeline'],
      writes: ['airspace.partials'],
    }),
    stage(stages.register, {
      reads: ['models.commands'],
      writes: ['models.registry'],
    }),
    stage(stages.seal, {
      reads: ['models.registry'],
      gathers: 'airspace.partials',
      writes: ['airspace.frames'],
    }),
    stage(stages.score, {
      reads: ['flights.timeline'],
      shares: 'airspace.frames',
      writes: ['flights.predictions', 'flights.outcomes'],
    }),
    stage(stages.monitor, {
      reads: ['flights.outcomes'],
      writes: ['drift.partials'],
    }),
    stage(stages.judge, {
      reads: [],
      gathers: 'drift.partials',
      writes: ['drift.metrics', 'retrain.requests', 'models.commands'],
    }),
  ],
  deadLetters: 'flights.rejected',
}
