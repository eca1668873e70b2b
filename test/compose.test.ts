// docker-compose.yml and what lies in deploy/, checked without Docker: against the schema of the Compose Specification,
// and against what the program itself says of its settings, commands and metrics.

import { existsSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { versions } from '../scripts/stack/parts.ts'
import { commandTable } from '../src/cli/command-table.ts'
import { environmentName, type SettingName, settings } from '../src/config.ts'

const root = new URL('../', import.meta.url)
const read = (file: string) => readFileSync(new URL(file, root), 'utf8')

type Service = {
  image?: string
  build?: string
  command?: string[]
  ports?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  networks?: string[]
  healthcheck?: { disable?: boolean }
  depends_on?: Record<string, unknown>
  read_only?: boolean
}
type Compose = { services: Record<string, Service>; volumes: object; networks: Record<string, { internal?: boolean }> }

const files = ['docker-compose.yml', 'deploy/embedded.yml']
const composeOf = (file: string) => parse(read(file), { merge: true }) as Compose
const compose = composeOf('docker-compose.yml')
const services = Object.entries(compose.services)

describe.each(files)('%s', file => {
  test('is valid by the Compose Specification', () => {
    const { $schema: _dialect, ...schema } = JSON.parse(read('test/golden/compose/compose-spec.json')) as object & {
      $schema: string
    }
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema)
    expect(validate(composeOf(file)) ? [] : validate.errors).toEqual([])
    expect(validate({ services: { api: { port: '8080:8080' } } })).toBe(false)
  })

  test('opens ports to this machine alone, and images are of one version', () => {
    const all = Object.values(composeOf(file).services)
    const ports = all.flatMap(each => each.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    expect(ports.filter(port => !port.startsWith('127.0.0.1:'))).toEqual([])
    const images = all.flatMap(({ build, image = 'none' }) => (build === undefined ? [image] : []))
    expect(images.filter(image => !/:v?\d+\.\d+/.test(image))).toEqual([])
  })
})

describe('docker-compose.yml', () => {
  test('brokers, registry and S3 server are those that the tests run against', () => {
    const tagOf = (name: string) => compose.services[name]?.image?.split(':')[1]
    expect([tagOf('kafka'), tagOf('registry'), tagOf('s3')]).toEqual([versions.kafka, versions.registry, versions.s3])
  })

  test('no password has a default', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|ACCESS_KEY|SECRET/.test(name)),
    )
    expect(secrets.length).toBeGreaterThan(5)
    for (const [name, value] of secrets) expect([name, value]).toEqual([name, expect.stringMatching(/^\$\{\w+:\?/)])
    const asked = new Set(secrets.map(([, value]) => /^\$\{(\w+)/.exec(value)?.[1]))
    // the line that writes .env
    const [, written = ''] = /for name in ([\w ]+); do/.exec(read('docker-compose.yml')) ?? []
    expect(new Set(written.split(' '))).toEqual(asked)
  })

  test('what needs no door is on a network without a way out', () => {
    expect(compose.networks['inside']?.internal).toBe(true)
    for (const [name, { ports, networks }] of services) {
      expect([name, networks?.includes('outside') ?? false]).toEqual([name, ports !== undefined])
    }
  })

  test('every service is watched, and what it stores is in a volume that is declared', () => {
    // ours has one in its image
    const unwatched = services.filter(([, { healthcheck, build }]) => build === undefined && healthcheck === undefined)
    expect(unwatched.map(([name]) => name)).toEqual([])
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map(volume => volume.split(':')[0] ?? ''))
    const isThere = (from: string) =>
      from.startsWith('./') ? existsSync(new URL(from, root)) : from in compose.volumes
    expect(mounted.length).toBeGreaterThan(5)
    expect(mounted.filter(from => !isThere(from))).toEqual([])
  })

  test('Slipstream is given settings that it has and commands that it knows, and may write nowhere', () => {
    const known = new Set((Object.keys(settings) as SettingName[]).map(environmentName))
    const commands = commandTable.map(({ name }) => name)
    const own = services.filter(([, { build }]) => build !== undefined)
    expect(own.map(([name]) => name)).toEqual(['topics', 'worker', 'api'])
    for (const [, { environment = {}, command = [], read_only }] of own) {
      for (const name of Object.keys(environment)) expect(known).toContain(name)
      expect(commands).toContain(command[0])
      expect(read_only).toBe(true)
    }
  })

  test('any number of workers can run beside each other', () => {
    const { worker = {} } = compose.services as Record<string, Service & { container_name?: string }>
    expect(worker.ports ?? worker.container_name).toBeUndefined()
    // what it needs to be in the same pipeline is what the others have
    const { environment: of = {} } = compose.services['api'] ?? {}
    for (const [name, value] of Object.entries(worker.environment ?? {}))
      expect([name, of[name]]).toEqual([name, value])
    expect(worker.volumes).toBeUndefined()
  })
})

describe('the dashboard', () => {
  type Panel = { id: number; title: string; targets: { expr: string }[] }
  const dashboard = JSON.parse(read('deploy/grafana/slipstream.json')) as { uid: string; panels: Panel[] }

  test('asks for metrics that there are', () => {
    const source = `${read('src/server/meters.ts')}${read('src/server/task-metrics.ts')}`
    const own = [...source.matchAll(/(?:gauge|counter)\('(\w+)'/g)].map(([, name]) => `slipstream_${name}`)
    const named = [...source.matchAll(/name: '(\w+)'/g)].map(([, name]) => name ?? '')
    const ofNode = ['process_resident_memory_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_eventloop_lag_p99_seconds']
    const known = new Set([...own, ...named, ...ofNode, 'http_request_duration_seconds_bucket'])
    const words = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/\w+_\w+/g) ?? []))
    const asked = words.filter(word => word !== 'histogram_quantile')
    expect(asked.filter(name => !known.has(name))).toEqual([])
    for (const name of own) expect(asked).toContain(name)
  })

  test('its panels have names and numbers of their own, and its source is provisioned', () => {
    const { panels } = dashboard
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
    const provisioned = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string; url: string }[]
    }
    expect(provisioned.datasources).toMatchObject([{ uid: 'prometheus', url: 'http://prometheus:9090' }])
    expect(read('deploy/grafana/slipstream.json')).toContain('"uid": "prometheus"')
    const { scrape_configs: jobs } = parse(read('deploy/prometheus.yml')) as {
      scrape_configs: {
        static_configs?: { targets: string[] }[]
        dns_sd_configs?: { names: string[]; port: number }[]
      }[]
    }
    const named = jobs.flatMap(job => (job.static_configs ?? []).flatMap(({ targets }) => targets))
    const found = jobs.flatMap(job => job.dns_sd_configs ?? [])
    // those that are found by name listen where they are asked
    for (const { names, port } of found)
      for (const name of names) expect(compose.services[name]?.command).toContain(String(port))
    const hosts = [...named.map(host => host.split(':')[0]), ...found.flatMap(({ names }) => names)]
    for (const host of hosts) expect(Object.keys(compose.services)).toContain(host)
  })
})
