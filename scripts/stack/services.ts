// The schema registry and the S3 server of the stack.

import path from 'node:path'
import { type Began, freePort, startProcess, untilReady } from './processes.ts'

/** Named as the topics of the brokers themselves, so that nobody takes them for ours. */
const registryTopics = {
  'storage.kind': 'kafkasql',
  'kafkasql.topic': '__registry-journal',
  'kafkasql.snapshots.topic': '__registry-snapshots',
  'events.kafka.topic': '__registry-events',
} as const

type Registry = {
  readonly jar: string
  readonly folder: string
  readonly brokers: readonly string[]
  readonly began: Began
}

/**
 * Keeps its schemas in a topic of the brokers, since records name them by id for as long as they last; without brokers, in
 * memory.
 * @returns its address
 */
export async function startRegistry({ jar, folder, brokers, began }: Registry): Promise<string> {
  const port = await freePort(29_081)
  const storage: Record<string, string> =
    brokers.length === 0 ? {} : { ...registryTopics, 'kafkasql.bootstrap.servers': brokers.join(',') }
  const settings = Object.entries(storage).map(([name, value]) => `-Dapicurio.${name}=${value}`)
  const options = ['-Dquarkus.http.host=127.0.0.1', `-Dquarkus.http.port=${port}`, '-Xmx256m', ...settings]
  const log = path.join(folder, 'registry.log')
  const started = startProcess({ name: 'registry', command: 'java', args: [...options, '-jar', jar], log })
  began([started])
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`
  await untilReady([started], async () => (await fetch(`${url}/subjects`)).ok)
  return url
}

/** Of the stack on this machine's loopback address alone. */
export const s3Keys = { accessKey: 'slipstream', secretKey: 'slipstream-local' } as const

/** @returns its address */
export async function startS3(weed: string, folder: string, began: Began): Promise<string> {
  const port = await freePort(29_083)
  const data = path.join(folder, 's3')
  const servers = ['master', 'volume', 'filer', 'admin'] as const
  const ports: string[] = [`-s3.port.grpc=${await freePort(0)}`]
  for (const name of servers)
    ports.push(`-${name}.port=${await freePort(0)}`, `-${name}.port.grpc=${await freePort(0)}`)
  const where = ['-ip=127.0.0.1', '-ip.bind=127.0.0.1', `-s3.port=${port}`, '-s3.port.iceberg=0', '-s3.port.lance=0']
  const started = startProcess({
    name: 's3',
    command: weed,
    args: ['mini', `-dir=${data}`, ...where, ...ports, '-admin.ui=false', '-webdav=false', '-bucket=slipstream'],
    log: path.join(folder, 's3.log'),
    env: { AWS_ACCESS_KEY_ID: s3Keys.accessKey, AWS_SECRET_ACCESS_KEY: s3Keys.secretKey },
  })
  began([started])
  const url = `http://127.0.0.1:${port}`
  // it answers strangers with 403 once it knows its keys
  await untilReady([started], async () => (await fetch(url)).status === 403)
  return url
}
