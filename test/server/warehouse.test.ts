import { expect, test } from 'vitest'
import { Failure } from '../../src/lib/failure.ts'
import type { WarehouseDoor } from '../../src/server/routes-warehouse.ts'
import { openDoors, post } from './doors.ts'

const answer = { columns: [{ name: 'n', type: 'UInt8' }], rows: [{ n: 1 }], truncated: false }

function door(): WarehouseDoor & { asked: [string, number][] } {
  const asked: [string, number][] = []
  return {
    asked,
    state: 'running',
    why: null,
    query: async (sql, rowsMax) => {
      asked.push([sql, rowsMax])
      if (sql.includes('nowhere')) throw new Failure('QUERY_REFUSED', 'unknown table nowhere (UNKNOWN_TABLE)')
      return answer
    },
    lag: async () => [{ topic: 'flights.outcomes', partition: 0, position: 7, end: 9 }],
  }
}

test('a question is passed on and its answer comes back', async () => {
  const warehouse = door()
  const { server } = openDoors({ warehouse })
  const response = await post(server, '/v1/sql', { sql: 'SELECT 1 AS n', rowsMax: 5 })
  expect([response.statusCode, response.json()]).toEqual([200, answer])
  await post(server, '/v1/sql', { sql: 'SELECT 2' })
  expect(warehouse.asked).toEqual([
    ['SELECT 1 AS n', 5],
    ['SELECT 2', 1000],
  ])
})

test('what the warehouse refuses is told in its words', async () => {
  const { server } = openDoors({ warehouse: door() })
  const response = await post(server, '/v1/sql', { sql: 'SELECT * FROM nowhere' })
  expect(response.statusCode).toBe(422)
  expect(response.json()).toMatchObject({ code: 'QUERY_REFUSED', detail: 'unknown table nowhere (UNKNOWN_TABLE)' })
})

test.each([{}, { sql: '' }, { sql: 'SELECT 1', rowsMax: 0 }, { sql: 'SELECT 1', rowsMax: 1_000_000 }])(
  '%j is no question',
  async body => {
    const { server } = openDoors({ warehouse: door() })
    expect((await post(server, '/v1/sql', body)).statusCode).toBe(400)
  },
)

test('other machines may not ask', async () => {
  const warehouse = door()
  const { server } = openDoors({ warehouse })
  const payload = { sql: 'SELECT 1' }
  const response = await server.inject({ method: 'POST', url: '/v1/sql', payload, remoteAddress: '192.168.1.7' })
  expect(response.statusCode).toBe(403)
  expect(warehouse.asked).toEqual([])
})

test('without a warehouse it says how to get one', async () => {
  const { server } = openDoors()
  expect((await post(server, '/v1/sql', { sql: 'SELECT 1' })).json()).toMatchObject({
    code: 'WAREHOUSE_MISSING',
    help: expect.stringContaining('slipstream warehouse install') as string,
  })
  expect((await server.inject('/v1/warehouse')).json()).toEqual({ state: 'none', why: null, lag: [] })
})

test('how far it is', async () => {
  const { server } = openDoors({ warehouse: door() })
  expect((await server.inject('/v1/warehouse')).json()).toEqual({
    state: 'running',
    why: null,
    lag: [{ topic: 'flights.outcomes', partition: 0, position: 7, end: 9 }],
  })
})
