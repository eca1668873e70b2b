// Questions in SQL to the warehouse, for programs on this machine: whoever may ask freely can keep it busy, so the door
// is open on the loopback address only, reads only, and gives at most some thousands of rows.

import type { FastifyInstance } from 'fastify'
import { Failure } from '../lib/failure.ts'
import { answers } from './answers.ts'
import { Type } from './type.ts'

/** What this door needs of the warehouse. */
export interface WarehouseDoor {
  /** `opening`, `running`, `waiting` (to be opened again) or `stopped`. */
  readonly state: string
  readonly why: string | null
  /** @throws Failure QUERY_REFUSED, WAREHOUSE_FAILED */
  query(
    sql: string,
    rowsMax: number,
  ): Promise<{
    readonly columns: readonly { readonly name: string; readonly type: string }[]
    readonly rows: readonly Readonly<Record<string, unknown>>[]
    readonly truncated: boolean
  }>
  lag(): Promise<
    readonly { readonly topic: string; readonly partition: number; readonly position: number; readonly end: number }[]
  >
}

const strict = { additionalProperties: false }
const rowsMost = 10_000

const sqlSchema = {
  tags: ['warehouse'],
  operationId: 'sql',
  summary: 'Ask the warehouse: one SELECT, SHOW or DESCRIBE, from this machine',
  body: Type.Object(
    {
      sql: Type.String({ minLength: 1, maxLength: 100_000, description: 'Without FORMAT.' }),
      rowsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: rowsMost, description: 'Left out: 1,000.' })),
    },
    strict,
  ),
  response: answers(
    {
      200: Type.Object(
        {
          columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() }, strict)),
          rows: Type.Array(Type.Record(Type.String(), Type.Unsafe<unknown>({}))),
          truncated: Type.Boolean({ description: 'Whether there were more rows.' }),
        },
        strict,
      ),
    },
    400,
    413,
    415,
    422,
    429,
    503,
  ),
}

const warehouseSchema = {
  tags: ['warehouse'],
  operationId: 'warehouse',
  summary: 'Whether there is a warehouse, and how far it has copied each topic',
  response: answers(
    {
      200: Type.Object(
        {
          state: Type.String({ description: 'none, opening, running, waiting (to be opened again) or stopped.' }),
          why: Type.Union([Type.String(), Type.Null()]),
          lag: Type.Array(
            Type.Object(
              {
                topic: Type.String(),
                partition: Type.Integer(),
                position: Type.Integer({ description: 'Everything before it is stored.' }),
                end: Type.Integer({ description: 'One past the last record.' }),
              },
              strict,
            ),
          ),
        },
        strict,
      ),
    },
    429,
    503,
  ),
}

export function warehouseRoutes(app: FastifyInstance, warehouse: WarehouseDoor | undefined): void {
  app.post<{ Body: { sql: string; rowsMax?: number } }>('/v1/sql', { schema: sqlSchema }, request => {
    if (!isLoopback(request.raw.socket.remoteAddress)) {
      throw new Failure('HOST_REFUSED', 'questions in SQL are taken from this machine only')
    }
    if (!warehouse) {
      throw new Failure('WAREHOUSE_MISSING', 'this Slipstream runs without a warehouse', {
        help: 'Install it with `slipstream warehouse install`, then start again, with --warehouse chdb if it was none.',
      })
    }
    const { sql, rowsMax = 1000 } = request.body
    return warehouse.query(sql, rowsMax)
  })
  app.get('/v1/warehouse', { schema: warehouseSchema }, async () => {
    if (!warehouse) return { state: 'none', why: null, lag: [] }
    return { state: warehouse.state, why: warehouse.why, lag: await warehouse.lag() }
  })
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address)
}
