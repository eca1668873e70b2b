import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ClockFake } from '../../src/adapters/clock-fake.ts'
import { webhookHttp } from '../../src/adapters/webhook-http.ts'
import { Webhook } from '../../src/jobs/webhook.ts'
import { Failure } from '../../src/lib/failure.ts'
import { days, hours } from '../../src/lib/time.ts'
import type { AlertKind, RecordName, Records } from '../../src/records.ts'
import type { Deliver } from '../../src/runtime/deliver.ts'
import { metricsOf, opened, resolved, start } from '../app/loop-samples.ts'
import { codec, logWith } from './logs.ts'

const first = opened(start, { id: 'dataset-drift-1' })

async function world() {
  const { log, blobs } = await logWith(1)
  const clock = new ClockFake()
  const troubles: string[] = []
  const put = async <N extends RecordName>(name: N, value: Records[N], key: string) => {
    await (await log.claim('test')).commit([
      { topic: 'drift.metrics', partition: 0, key, value: codec.encode(name, value) },
    ])
  }
  const open = async (deliver: Deliver, isSilenced = (_kind: AlertKind, _at: number) => false) => {
    const onTrouble = (error: unknown) => troubles.push(String(error))
    const webhook = new Webhook({ log, codec, blobs, clock, deliver, isSilenced, onTrouble })
    await webhook.start()
    onTestFinished(() => webhook.stop())
    return webhook
  }
  return { put, open, troubles, log, blobs, clock }
}

/** Delivers at once, and resolves `until` with what was delivered once there are so many. */
function receiver() {
  const ids: string[] = []
  let wake = () => {}
  const deliver: Deliver = async ({ id }) => {
    ids.push(id)
    wake()
  }
  const until = async (count: number) => {
    while (ids.length < count) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return ids
  }
  return { deliver, until, ids }
}

describe('the webhook', () => {
  test('tells of every alert as it opens and is resolved, in order, and of nothing else', async () => {
    const { put, open } = await world()
    const { deliver, until } = receiver()
    await open(deliver)
    await put('DriftMetrics', metricsOf(start), `${start}/DAY`)
    await put('AlertOpened', first, first.id)
    await put('AlertResolved', resolved(first, start + days(1)), first.id)
    await put('AlertOpened', opened(start + days(2), { id: 'performance-2' }), 'performance-2')
    expect(await until(3)).toEqual(['dataset-drift-1.opened', 'dataset-drift-1.resolved', 'performance-2.opened'])
  })

  test('says nothing of alerts that open in a silence, nor of their end', async () => {
    const { put, open } = await world()
    const { deliver, until } = receiver()
    await open(deliver, (kind, at) => kind === first.kind && at < start + days(2))
    await put('AlertOpened', first, first.id)
    await put('AlertResolved', resolved(first, start + days(3)), first.id)
    await put('AlertOpened', opened(start + days(2), { id: 'dataset-drift-2' }), 'dataset-drift-2')
    expect(await until(1)).toEqual(['dataset-drift-2.opened'])
  })

  test('goes on after a restart where it was: nothing twice, nothing lost', async () => {
    const { put, open } = await world()
    const before = receiver()
    const webhook = await open(before.deliver)
    await put('AlertOpened', first, first.id)
    await before.until(1)
    await webhook.stop()
    await put('AlertResolved', resolved(first, start + days(1)), first.id)
    const after = receiver()
    await open(after.deliver)
    expect(await after.until(1)).toEqual(['dataset-drift-1.resolved'])
    expect(before.ids).toEqual(['dataset-drift-1.opened'])
  })

  test('begins at the end of what is there when it is set for the first time', async () => {
    const { put, open } = await world()
    await put('AlertOpened', first, first.id)
    const { deliver, until } = receiver()
    await open(deliver)
    await put('AlertOpened', opened(start + hours(9), { id: 'later' }), 'later')
    expect(await until(1)).toEqual(['later.opened'])
  })

  test('that is stopped in the middle of a delivery makes it again after the next start', async () => {
    const { put, open } = await world()
    const begun = Promise.withResolvers<void>()
    const hanging: Deliver = (_, signal) =>
      new Promise((_resolve, reject) => {
        begun.resolve()
        signal.addEventListener('abort', () => reject(new Error('stopped')))
      })
    const webhook = await open(hanging)
    await put('AlertOpened', first, first.id)
    await begun.promise
    await webhook.stop()
    const { deliver, until } = receiver()
    await open(deliver)
    expect(await until(1)).toEqual(['dataset-drift-1.opened'])
  })

  test('waits for a log and a store that are away, and goes on where it was', async () => {
    const { put, open, troubles, log, blobs, clock } = await world()
    const away = { log: 2, blobs: 1 }
    const read = log.read.bind(log)
    log.read = async (...asked) => {
      if (away.log-- > 0) throw new Failure('LOG_UNREACHABLE', 'no broker answers')
      return read(...asked)
    }
    const { deliver, until, ids } = receiver()
    await open(deliver)
    const keep = blobs.put.bind(blobs)
    blobs.put = async (...asked) => {
      if (away.blobs-- > 0) throw new Failure('BLOBS_UNREACHABLE', 'no answer')
      return keep(...asked)
    }
    await put('AlertOpened', first, first.id)
    await put('AlertResolved', resolved(first, start + days(1)), first.id)
    const told = until(2)
    while (ids.length < 2) await clock.advance(500)
    expect(await told).toEqual(['dataset-drift-1.opened', 'dataset-drift-1.resolved'])
    expect(troubles.map(each => each.split(':').at(-1))).toEqual([
      ' no broker answers',
      ' no broker answers',
      ' no answer',
    ])
  })

  test('says what it gives up, and goes on with the next', async () => {
    const { put, open, troubles } = await world()
    const { deliver, until } = receiver()
    let calls = 0
    await open(async (message, signal) => {
      calls += 1
      if (calls === 1) throw new Error('given up')
      await deliver(message, signal)
    })
    await put('AlertOpened', first, first.id)
    await put('AlertResolved', resolved(first, start + days(1)), first.id)
    expect(await until(1)).toEqual(['dataset-drift-1.resolved'])
    expect(troubles).toEqual(['Error: given up'])
  })
})

type Request = { headers: IncomingHttpHeaders; body: string }

/** A receiver that answers each request by its number, from 1. */
async function listening(answer: (response: ServerResponse, count: number) => void) {
  const requests: Request[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += String(chunk)
    })
    request.on('end', () => {
      requests.push({ headers: request.headers, body })
      answer(response, requests.length)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, requests }
}

const secret = 'correct horse battery staple'
const quick = { secret, now: () => 1_360_350_000_500, firstPauseMs: 1, pauseMsMax: 5, timeoutMs: 100, retriesMax: 2 }
const message = { id: 'dataset-drift-1.opened', body: '{"type":"AlertOpened"}' }
const never = new AbortController().signal
const ok = (response: ServerResponse) => response.writeHead(204).end()

describe('over HTTP', () => {
  test('a message is signed so that its receiver can check it', async () => {
    const { url, requests } = await listening(ok)
    await webhookHttp({ ...quick, url })(message, never)
    const [{ headers, body } = { headers: {}, body: '' }] = requests
    const timestamp = String(headers['slipstream-timestamp'])
    const expected = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'slipstream-id': 'dataset-drift-1.opened',
      'slipstream-timestamp': '1360350000',
      'slipstream-signature': `sha256=${expected}`,
    })
    expect(body).toBe(message.body)
    expect(JSON.stringify(requests)).not.toContain(secret)
  })

  test('is sent again, with the same id, to a receiver that answers 500 at first', async () => {
    const { url, requests } = await listening((response, count) =>
      count < 3 ? response.writeHead(500).end('no') : ok(response),
    )
    await webhookHttp({ ...quick, url })(message, never)
    expect(requests.map(({ headers }) => headers['slipstream-id'])).toEqual([message.id, message.id, message.id])
  })

  test.each<[string, (response: ServerResponse) => void, string]>([
    ['hangs', () => undefined, 'timeout'],
    ['answers 500', response => response.writeHead(500).end(), 'it answered 500'],
    ['sends it elsewhere', response => response.writeHead(302, { location: '/other' }).end(), 'it answered 302'],
    ['breaks off', response => response.destroy(), 'fetch failed'],
  ])('one that %s is given up after all tries, without its secret in the words', async (_, answer, why) => {
    const { url, requests } = await listening(answer)
    const given = webhookHttp({ ...quick, url })(message, never)
    await expect(given).rejects.toMatchObject({
      code: 'WEBHOOK_FAILED',
      message: expect.stringContaining(why) as string,
    })
    expect(requests).toHaveLength(3)
    const error: unknown = await given.catch((failed: unknown) => failed)
    expect(JSON.stringify(error) + String(error)).not.toContain(secret)
  })

  test('one that is slow but in time is believed', async () => {
    const { url, requests } = await listening(response => void setTimeout(() => ok(response), 20))
    await webhookHttp({ ...quick, timeoutMs: 4_000, url })(message, never)
    expect(requests).toHaveLength(1)
  })

  test('an abort ends the pauses', async () => {
    const { url } = await listening(response => response.writeHead(500).end())
    const abort = new AbortController()
    const given = webhookHttp({ ...quick, url, firstPauseMs: 60_000, pauseMsMax: 60_000 })(message, abort.signal)
    setTimeout(() => abort.abort(), 20)
    await expect(given).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' })
  })

  test.each([
    ['ftp://example.org', secret, 'webhookUrl'],
    ['nonsense', secret, 'webhookUrl'],
    ['http://localhost/hook', '', 'webhookSecret'],
  ])('%s with %j is refused at the start', (url, given, field) => {
    expect(() => webhookHttp({ ...quick, url, secret: given })).toThrow(
      expect.objectContaining({ code: 'USAGE', field }),
    )
  })
})
