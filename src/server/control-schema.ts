import { Type } from './type.ts'

export const controlSchema = Type.Object(
  {
    action: Type.Union([Type.Literal('pause'), Type.Literal('resume'), Type.Literal('step'), Type.Literal('speed')], {
      description: 'step lets a paused replay go on by one event hour.',
    }),
    hoursPerSecond: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100_000,
        description: 'With speed: event hours a second. Left out: as fast as the machine can.',
      }),
    ),
  },
  { additionalProperties: false },
)
