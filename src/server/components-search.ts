// A model's report and searches as JSON schemas, by the names they have in /openapi.json.

import type { TSchema } from 'typebox'
import type { CalibrationBin, Figures } from '../drift/graded.ts'
import { familyNames } from '../forest/search/family-names.ts'
import type { SearchInfo, Trial } from './loop.ts'
import { count, instant, listOf, nullable, ref, strict } from './shapes.ts'
import { Type } from './type.ts'

const number = Type.Number()
const text = Type.String()
const json = Type.Unsafe<unknown>({})
const interval = nullable(
  Type.Unsafe<readonly [number, number]>({ type: 'array', items: { type: 'number' }, minItems: 2, maxItems: 2 }),
)
const family = Type.Unsafe<(typeof familyNames)[number]>({ type: 'string', enum: familyNames })

const figures = Type.Object(
  {
    n: count,
    days: count,
    late: Type.Number({ description: 'Share that was late.' }),
    said: Type.Number({ description: 'Mean probability.' }),
    auc: nullable(number),
    logLoss: nullable(number),
    brier: nullable(number),
    ece: nullable(number),
    interval95: Type.Object(
      { auc: interval, logLoss: interval, brier: interval, ece: interval },
      { ...strict, description: 'By resampling whole days.' },
    ),
  },
  { $id: 'Figures', ...strict },
)

const calibrationBin = Type.Object(
  { from: number, n: count, said: number, late: number, interval95: interval },
  { $id: 'CalibrationBin', ...strict, description: 'Probabilities of one tenth.' },
)

export const modelReport = Type.Object(
  {
    figures: ref<Figures>('Figures'),
    calibration: listOf(ref<CalibrationBin>('CalibrationBin')),
    groups: listOf(
      Type.Object(
        {
          by: Type.String({ description: 'A column of the features.' }),
          groups: listOf(Type.Object({ group: text, figures: ref<Figures>('Figures') }, strict)),
          rest: Type.Integer({ description: 'Rows of groups that are too small to grade or to list.' }),
        },
        strict,
      ),
    ),
    weakest: listOf(
      Type.Object(
        {
          by: text,
          group: text,
          skill: Type.Number({ description: "1 less log loss over that of the group's own share of late flights." }),
          figures: ref<Figures>('Figures'),
          because: text,
        },
        strict,
      ),
      'The weakest first.',
    ),
    importance: nullable(
      Type.Object(
        {
          rows: count,
          features: listOf(
            Type.Object(
              { feature: text, moves: Type.Number({ description: 'Mean of |SHAP|, raw score.' }), share: number },
              strict,
            ),
          ),
        },
        strict,
      ),
    ),
  },
  {
    $id: 'ModelReport',
    ...strict,
    description: 'On the held-out rows, calibrated on other days than it is graded on.',
  },
)

const trial = Type.Object(
  {
    number: count,
    family,
    point: Type.Unsafe<Record<string, number | string>>({
      type: 'object',
      additionalProperties: { type: ['number', 'string'] },
    }),
    state: Type.Unsafe<'complete' | 'stopped'>({ type: 'string', enum: ['complete', 'stopped'] }),
    folds: listOf(
      Type.Object(
        { rows: count, graded: count, logLoss: number, auc: nullable(number), brier: number },
        { ...strict, description: 'In the order of time.' },
      ),
    ),
    loss: Type.Number({ description: 'Mean log loss of its folds.' }),
    auc: nullable(number),
    brier: number,
    seconds: number,
  },
  { $id: 'Trial', ...strict },
)

const searchInfo = Type.Object(
  {
    id: text,
    why: text,
    at: instant('Cut of its rows'),
    rows: count,
    sampler: text,
    families: listOf(family),
    folds: count,
    trials: Type.Object({ done: count, of: count }, strict),
    best: nullable(ref<Trial>('Trial')),
    version: nullable(Type.String({ description: 'Of the model that was trained of the best; null: not yet.' })),
  },
  { $id: 'SearchInfo', ...strict },
)

export const searchDetail = Type.Object(
  { search: ref<SearchInfo>('SearchInfo'), plan: json, trials: listOf(ref<Trial>('Trial'), 'In their order.') },
  { $id: 'SearchDetail', ...strict },
)

export const searchComponents: readonly TSchema[] = [
  figures,
  calibrationBin,
  modelReport,
  trial,
  searchInfo,
  searchDetail,
]
