import { expectTypeOf, test } from 'vitest'
import type * as hub from '../../src/server/live-hub.ts'
import type * as server from '../../src/server/program.ts'
import type * as wire from '../../src/web/wire.ts'

// Checked by the compiler: `npm run check` fails here when one side changes alone.
test('the page reads what the server writes', () => {
  expectTypeOf<server.Status>().toEqualTypeOf<wire.Status>()
  expectTypeOf<server.LivePrediction>().toEqualTypeOf<wire.LivePrediction>()
  expectTypeOf<server.Grade>().toEqualTypeOf<wire.Grade>()
  expectTypeOf<server.ControlCommand>().toEqualTypeOf<wire.ControlCommand>()
  expectTypeOf<hub.AirportNow>().toEqualTypeOf<wire.AirportNow>()
  expectTypeOf<hub.RiskPoint>().toEqualTypeOf<wire.RiskPoint>()
})
