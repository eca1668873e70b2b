// `node test/server/fake-server.ts --port 18181 [--web FOLDER]`: the doors over invented, moving flights, for work on
// the page without a pipeline.

import { parseArgs } from 'node:util'
import { buildServer, listen } from '../../src/server/server.ts'
import { createFakeProgram, fakeAirports } from './fake-program.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '18181' },
    web: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'hours-per-second': { type: 'string', default: '1' },
  },
})

const program = createFakeProgram({ seed: Number(values.seed) })
program.control({ action: 'speed', hoursPerSecond: Number(values['hours-per-second']) })
const server = buildServer({
  program,
  webFolder: values.web ?? null,
  logLevel: 'info',
  rateLimitPerMinute: 0,
  airports: fakeAirports(),
})
// Two event days and a bit at once, so that the first snapshot has something to show: 8 February, 6:00 in New York.
program.advance(54 * 3_600_000)
await listen({ server, port: Number(values.port), host: '127.0.0.1' })

const tickMs = 100
const timer = setInterval(() => program.advance(program.eventMsFor(tickMs)), tickMs)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    clearInterval(timer)
    void server.close()
  })
}
