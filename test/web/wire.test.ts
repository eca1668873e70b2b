import { expectTypeOf, test } from 'vitest'
import type * as hub from '../../src/server/live-hub.ts'
import type * as loop from '../../src/server/loop.ts'
import type * as server from '../../src/server/program.ts'
import type * as wire from '../../src/web/wire.ts'
import type * as wireLoop from '../../src/web/wire-loop.ts'
import type * as wireModels from '../../src/web/wire-models.ts'

// Checked by the compiler: `npm run check` fails here when one side changes alone.
test('the page reads what the server writes', () => {
  expectTypeOf<server.Status>().toEqualTypeOf<wire.Status>()
  expectTypeOf<server.LivePrediction>().toEqualTypeOf<wire.LivePrediction>()
  expectTypeOf<server.Grade>().toEqualTypeOf<wire.Grade>()
  expectTypeOf<server.ControlCommand>().toEqualTypeOf<wire.ControlCommand>()
  expectTypeOf<hub.AirportNow>().toEqualTypeOf<wire.AirportNow>()
  expectTypeOf<hub.RiskPoint>().toEqualTypeOf<wire.RiskPoint>()
})

test('and so it does of the loop', () => {
  expectTypeOf<loop.DriftReport>().toEqualTypeOf<wireLoop.DriftReport>()
  expectTypeOf<loop.DriftHistory>().toEqualTypeOf<wireLoop.DriftHistory>()
  expectTypeOf<loop.ColumnReport>().toEqualTypeOf<wireLoop.ColumnReport>()
  expectTypeOf<loop.TrainingRequest>().toEqualTypeOf<wireLoop.TrainingRequest>()
  expectTypeOf<loop.Models>().toEqualTypeOf<wireLoop.Models>()
  expectTypeOf<loop.ModelDetail>().toEqualTypeOf<wireLoop.ModelDetail>()
  expectTypeOf<loop.ModelReport>().toEqualTypeOf<wireModels.ModelReport>()
  expectTypeOf<loop.SearchDetail>().toEqualTypeOf<wireModels.SearchDetail>()
  expectTypeOf<loop.ModelComparison>().toEqualTypeOf<wireLoop.ModelComparison>()
  expectTypeOf<loop.Ordered>().toEqualTypeOf<wireLoop.Ordered>()
  expectTypeOf<loop.LoopNow>().toEqualTypeOf<wireLoop.LoopNow>()
  expectTypeOf<loop.LoopNews>().toEqualTypeOf<wireLoop.LoopNews>()
})
