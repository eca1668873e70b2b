import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kafkaOptions } from '../../src/app/log.ts'
import { configure } from '../../src/config.ts'

type Flags = Parameters<typeof configure>[0]

function optionsOf(flags: Flags) {
  return kafkaOptions(configure({ engine: 'kafka', kafkaBrokers: 'b1:9092', ...flags }).config)
}

function pem(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipstream-pem-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'a.pem'), 'PEM')
  return join(folder, 'a.pem')
}

describe('how a cluster is reached', () => {
  test('is what the settings say', () => {
    const file = pem()
    expect(optionsOf({ kafkaBrokers: ' b1:9092, b2:9093 ,' }).brokers).toEqual(['b1:9092', 'b2:9093'])
    expect(optionsOf({}).tls).toBeUndefined()
    expect(optionsOf({ kafkaTls: 'on' }).tls).toEqual({})
    expect(optionsOf({ kafkaTls: 'on', kafkaCaFile: file }).tls).toEqual({ ca: 'PEM' })
    const mutual = { kafkaTls: 'on', kafkaCertFile: file, kafkaKeyFile: file }
    expect(optionsOf(mutual).tls).toEqual({ cert: 'PEM', key: 'PEM' })
  })

  const wrong: [name: string, flags: Flags, field: string][] = [
    ['a broker without a port', { kafkaBrokers: 'b1' }, 'kafkaBrokers'],
    ['a port that there cannot be', { kafkaBrokers: 'b1:99999999' }, 'kafkaBrokers'],
    ['another word than on and off', { kafkaTls: 'yes' }, 'kafkaTls'],
    ['a certificate for a connection in the clear', { kafkaCaFile: 'ca.pem' }, 'kafkaTls'],
    ['a certificate without its key', { kafkaTls: 'on', kafkaCertFile: 'a.pem' }, 'kafkaKeyFile'],
    ['a key without its certificate', { kafkaTls: 'on', kafkaKeyFile: 'a.pem' }, 'kafkaCertFile'],
    ['a file that is not there', { kafkaTls: 'on', kafkaCaFile: '/no/such/ca.pem' }, 'kafkaCaFile'],
    ['a user without a password', { kafkaSasl: 'plain', kafkaUser: 'u' }, 'kafkaUser'],
    ['a mechanism that is not known', { kafkaSasl: 'gssapi' }, 'kafkaSasl'],
  ]
  test.each(wrong)('with %s is refused by the name of the setting', (_, flags, field) => {
    expect(() => optionsOf(flags)).toThrow(expect.objectContaining({ code: 'USAGE', field }))
  })
})
