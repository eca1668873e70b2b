// A broker that asks who is there, and brokers who cannot prove who they are: a wrong password, an expired certificate, one
// that nobody vouches for. Each is told with what to do, and no message holds the password.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KafkaListener, startKafka } from '../../scripts/stack/kafka.ts'
import { fetchKafka } from '../../scripts/stack/parts.ts'
import { freePort, type StackProcess, stopProcess } from '../../scripts/stack/processes.ts'
import { LogKafka, type LogKafkaOptions } from '../../src/adapters/log-kafka.ts'
import { failureIn } from '../../src/lib/failure.ts'
import { cli } from '../cli/cli.ts'
import { contents, event, textOf } from '../contracts/log-contents.ts'
import { here } from './brokers.ts'

const root = mkdtempSync(path.join(tmpdir(), 'slipstream-security-'))
const storePassword = 'of-the-store'
const ports = { proven: 0, valid: 0, expired: 0 }
let processes: readonly StackProcess[] = []

here.describe('a broker that asks for proof', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    for (const name of ['proven', 'valid', 'expired'] as const) ports[name] = await freePort(0)
    makeCertificate('valid', [])
    makeCertificate('expired', ['-startdate', '-10d', '-validity', '5'])
    const format = ['--add-scram', 'SCRAM-SHA-256=[name=slip,password=opensesame]']
    const listeners = [proven(), encrypted('valid'), encrypted('expired')]
    const options = { listeners, format, anyPorts: true }
    processes = (await startKafka(await fetchKafka(() => undefined), root, 1, options)).processes
  }, 300_000)
  afterAll(async () => {
    for (const each of processes) await stopProcess(each)
    rmSync(root, { recursive: true, force: true })
  })

  test.each(['plain', 'scram-sha-256'] as const)('takes user and password by %s', async mechanism => {
    expect(await roundTrip('proven', { sasl: { mechanism, username: 'slip', password: 'opensesame' } })).toEqual([
      'hello',
    ])
  })

  test.each(['plain', 'scram-sha-256'] as const)(
    'refuses a wrong password by %s, which is in no message',
    async mechanism => {
      const failure = await refusal('proven', { sasl: { mechanism, username: 'slip', password: 'close-sesame' } })
      expect(failure).toMatchObject({
        code: 'LOG_UNREACHABLE',
        next: 'retry',
        help: expect.stringContaining('password'),
      })
      expect(failure?.message).toMatch(/authentication failed|invalid credentials/i)
      expect(JSON.stringify(failure) + String(failure?.stack)).not.toContain('close-sesame')
    },
  )

  test('a command says so too, and ends', async () => {
    const where = ['--engine', 'kafka', '--kafka-brokers', `127.0.0.1:${ports.proven}`, '--data-dir', root]
    const who = ['--kafka-sasl', 'plain', '--kafka-user', 'slip', '--kafka-password', 'close-sesame']
    const { code, out, err } = await cli(['topics', 'check', ...where, ...who, '--verbose'])
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain('LOG_UNREACHABLE')
    expect(err).not.toContain('close-sesame')
  })

  test('is believed with a certificate that its authority vouches for', async () => {
    expect(await roundTrip('valid', { tls: { ca: certificateOf('valid') } })).toEqual(['hello'])
  })

  test.each([
    ['expired', 'expired', /certificate has expired/],
    ['valid', 'expired', /certificate|self.signed/],
  ] as const)('is not, %s, under the authority of %s', async (listener, authority, why) => {
    const failure = await refusal(listener, { tls: { ca: certificateOf(authority) } })
    expect(failure).toMatchObject({ code: 'LOG_UNREACHABLE', help: expect.stringContaining('certificates') })
    expect(failure?.message).toMatch(why)
  })
})

type Access = Pick<LogKafkaOptions, 'sasl' | 'tls'>

function open(listener: keyof typeof ports, access: Access): LogKafka {
  const prefix = `${listener}-${Math.random()}.`
  return new LogKafka({ brokers: [`127.0.0.1:${ports[listener]}`], clientId: 'slipstream-test', prefix, ...access })
}

async function roundTrip(listener: keyof typeof ports, access: Access): Promise<string[]> {
  const log = open(listener, access)
  await log.createTopics([{ name: 'events', partitions: 1, cleanup: 'delete' }])
  await (await log.claim('task')).commit([event('k', 'hello')])
  const found = (await contents(log, 'events', 0)).map(textOf)
  await log.close()
  return found
}

async function refusal(listener: keyof typeof ports, access: Access) {
  const log = open(listener, access)
  const error: unknown = await log.topics().catch((failed: unknown) => failed)
  await log.close()
  return failureIn(error)
}

function proven(): KafkaListener {
  const plain = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_slip="opensesame";'
  const settings = {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256',
    'plain.sasl.jaas.config': plain,
    'scram-sha-256.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  }
  return { name: 'PROVEN', protocol: 'SASL_PLAINTEXT', port: ports.proven, settings }
}

function encrypted(name: 'valid' | 'expired'): KafkaListener {
  const settings = {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': path.join(root, `${name}.p12`),
    'ssl.keystore.password': storePassword,
  }
  return { name: name.toUpperCase(), protocol: 'SSL', port: ports[name], settings }
}

/** Its own authority, for 127.0.0.1. */
function makeCertificate(name: string, when: readonly string[]): void {
  const store = ['-keystore', path.join(root, `${name}.p12`), '-storepass', storePassword, '-alias', name]
  const who = ['-dname', `CN=${name}`, '-ext', 'san=ip:127.0.0.1', '-keyalg', 'EC', '-storetype', 'PKCS12']
  execFileSync('keytool', ['-genkeypair', ...store, ...who, ...when], { stdio: 'ignore' })
  const file = path.join(root, `${name}.pem`)
  execFileSync('keytool', ['-exportcert', '-rfc', '-file', file, ...store], { stdio: 'ignore' })
}

function certificateOf(name: string): string {
  return readFileSync(path.join(root, `${name}.pem`), 'utf8')
}
